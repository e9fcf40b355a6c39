package norma.trainer.device;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import norma.datasets.batches.Batch;

/** A batch's Java arrays as DJL arrays on a device, each owned by the manager that is given. */
public final class BatchArrays {
    private BatchArrays() {}

    /** (B, S), INT64. */
    public static NDArray inputIds(Upload upload, NDManager owner, Batch batch) {
        return upload.longs(owner, batch.inputIds(), new Shape(batch.rows(), batch.length()));
    }

    /** (B, S), INT64. */
    public static NDArray tokenTypeIds(Upload upload, NDManager owner, Batch batch) {
        return upload.longs(owner, batch.tokenTypeIds(), new Shape(batch.rows(), batch.length()));
    }

    /** (B, S), FLOAT32, 1 for tokens and 0 for padding; null if nothing is padding. */
    public static NDArray attentionMask(Upload upload, NDManager owner, Batch batch) {
        if (!batch.hasPadding()) {
            return null;
        }
        float[] mask = new float[batch.rows() * batch.length()];
        for (int row = 0; row < batch.rows(); row++) {
            int start = row * batch.length();
            Arrays.fill(mask, start, start + batch.lengths()[row], 1f);
        }
        return upload.floats(owner, mask, new Shape(batch.rows(), batch.length()));
    }

    /** Places of the predicted tokens in (B*S): (M), INT64. */
    public static NDArray predictedPositions(Upload upload, NDManager owner, Batch batch) {
        return vector(upload, owner, batch.predictedPositions());
    }

    /** Ids of the predicted tokens: (M), INT64. */
    public static NDArray predictedLabels(Upload upload, NDManager owner, Batch batch) {
        return vector(upload, owner, batch.predictedLabels());
    }

    /** 0 where the second segment is the next one: (B), INT64. */
    public static NDArray nextSentenceLabels(Upload upload, NDManager owner, Batch batch) {
        return vector(upload, owner, batch.nextSentenceLabels());
    }

    /** Whole numbers, (N), INT64. */
    public static NDArray vector(Upload upload, NDManager owner, int[] values) {
        return upload.longs(owner, values, new Shape(values.length));
    }
}
