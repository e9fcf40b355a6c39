package norma.trainer.device;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import norma.datasets.batches.Batch;

/** A batch on a device: each array is uploaded when it is first asked for, and lives as long as the owner. */
public final class DeviceBatch {
    private static final float MASKED = -1e30f;
    private static final int[] NONE = {};

    private final Upload upload;
    private final NDManager owner;
    private final Batch host;
    private NDArray inputIds;
    private NDArray tokenTypeIds;
    private NDArray attentionMask;
    private NDArray additiveMask;
    private NDArray causalMask;
    private NDArray predictedPositions;
    private NDArray predictedLabels;
    private NDArray nextSentenceLabels;
    private final Map<Class<?>, Object> derived = new HashMap<>();
    private DeviceBatch target;
    private long derivedBytes;

    /** A batch for a device, of which nothing is uploaded yet. */
    public DeviceBatch(Upload upload, NDManager owner, Batch host) {
        this.upload = upload;
        this.owner = owner;
        this.host = host;
    }

    /** Another batch for the same device, with the same owner. */
    public DeviceBatch with(Batch other) {
        return new DeviceBatch(upload, owner, other);
    }

    /**
     * What a decoder reads, as a batch of its own of T tokens a row. No place counts as padding: a decoder sees nothing
     * that follows, and what would be padding follows.
     *
     * @throws IllegalStateException if nothing is decoded
     */
    public DeviceBatch target() {
        if (host.target() == null) {
            throw new IllegalStateException("the batch has no target");
        }
        if (target == null) {
            int length = host.target().length();
            int[] lengths = new int[rows()];
            Arrays.fill(lengths, length);
            int[] ids = host.target().inputIds();
            target = with(new Batch(rows(), length, ids, new int[ids.length], lengths, NONE, NONE, null));
        }
        return target;
    }

    /** The batch in Java memory. */
    public Batch host() {
        return host;
    }

    /** What its arrays belong to. */
    public NDManager owner() {
        return owner;
    }

    /** B. */
    public int rows() {
        return host.rows();
    }

    /** S. */
    public int length() {
        return host.length();
    }

    /** (B, S), INT64. */
    public NDArray inputIds() {
        if (inputIds == null) {
            inputIds = positions(host.inputIds());
        }
        return inputIds;
    }

    /** (B, S), INT64. */
    public NDArray tokenTypeIds() {
        if (tokenTypeIds == null) {
            tokenTypeIds = positions(host.tokenTypeIds());
        }
        return tokenTypeIds;
    }

    /** A number for each position: (B*S) to (B, S), INT64. */
    public NDArray positions(int[] values) {
        return upload.longs(owner, values, new Shape(rows(), length()));
    }

    /** (B, S), FLOAT32, 1 for tokens and 0 for padding; null if nothing is padding. */
    public NDArray attentionMask() {
        if (attentionMask == null && host.hasPadding()) {
            float[] mask = new float[rows() * length()];
            for (int row = 0; row < rows(); row++) {
                int start = row * length();
                Arrays.fill(mask, start, start + host.lengths()[row], 1f);
            }
            attentionMask = upload.floats(owner, mask, new Shape(rows(), length()));
        }
        return attentionMask;
    }

    /** What is added to attention scores: (B, 1, 1, S), 0 or a large negative number; null if nothing is padding. */
    public NDArray additiveMask() {
        if (additiveMask == null && host.hasPadding()) {
            additiveMask = attentionMask()
                    .toType(DataType.FLOAT32, true)
                    .sub(1f)
                    .mul(-MASKED)
                    .reshape(rows(), 1, 1, length());
        }
        return additiveMask;
    }

    /**
     * What is added to attention scores so that no token sees those after it: (S, S), 0 where the key is the query or
     * before it, or else a large negative number.
     */
    public NDArray causalMask() {
        if (causalMask == null) {
            float[] mask = new float[length() * length()];
            for (int query = 0; query < length(); query++) {
                Arrays.fill(mask, query * length() + query + 1, (query + 1) * length(), MASKED);
            }
            causalMask = upload.floats(owner, mask, new Shape(length(), length()));
        }
        return causalMask;
    }

    /** Places of the predicted tokens in (B*S): (M), INT64. */
    public NDArray predictedPositions() {
        if (predictedPositions == null) {
            predictedPositions = vector(host.predictedPositions());
        }
        return predictedPositions;
    }

    /** Ids of the predicted tokens: (M), INT64. */
    public NDArray predictedLabels() {
        if (predictedLabels == null) {
            predictedLabels = vector(host.predictedLabels());
        }
        return predictedLabels;
    }

    /** Numbers for the predicted tokens, one each: (M), FLOAT32. */
    public NDArray perPrediction(float[] values) {
        return upload.floats(owner, values, new Shape(values.length));
    }

    /** Places of the sequences' last tokens in (B*S): (B), INT64; of a sequence without tokens its first place. */
    public NDArray lastTokens() {
        int[] last = new int[rows()];
        Arrays.setAll(last, row -> row * length() + Math.max(host.lengths()[row], 1) - 1);
        return vector(last);
    }

    /** 0 where the second segment is the next one: (B), INT64. */
    public NDArray nextSentenceLabels() {
        if (nextSentenceLabels == null) {
            nextSentenceLabels = vector(host.nextSentenceLabels());
        }
        return nextSentenceLabels;
    }

    /** Numbers of any shape for {@link #derived}, FLOAT32. */
    public NDArray floats(float[] values, Shape shape) {
        derivedBytes += (long) Float.BYTES * values.length;
        return upload.floats(owner, values, shape);
    }

    /** Whole numbers of any shape for {@link #derived}, INT64. */
    public NDArray longs(int[] values, Shape shape) {
        derivedBytes += (long) Long.BYTES * values.length;
        return upload.longs(owner, values, shape);
    }

    /** Bytes of the arrays of {@link #derived}. */
    public long derivedBytes() {
        return derivedBytes;
    }

    /**
     * What an architecture makes of the batch for all its layers, made when it is first asked for.
     *
     * @param type of which there is one for each batch
     */
    public <T> T derived(Class<T> type, Function<DeviceBatch, T> make) {
        return type.cast(derived.computeIfAbsent(type, any -> make.apply(this)));
    }

    /** Whole numbers, such as places in (B*S): (N), INT64. */
    public NDArray vector(int[] values) {
        return upload.longs(owner, values, new Shape(values.length));
    }
}
