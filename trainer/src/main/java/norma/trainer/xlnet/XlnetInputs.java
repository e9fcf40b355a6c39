package norma.trainer.xlnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.PermutationLm;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.Kernels.Reach;

/**
 * What the layers take of a batch besides its tokens; P places of each sequence are asked for.
 *
 * @param rows B
 * @param encodings of the distances S, S - 1, …, -S + 1 (2S, H)
 * @param content what the S tokens reach
 * @param query what the P places reach; null where nothing is asked for
 * @param places P
 * @param learned 1 for a token and 0 for one of the memory, whose states no gradient passes (B*S, 1); null where
 *     nothing is remembered
 * @param read of each token the row of what heads read: of its own among the tokens, or S * B more than that of its
 *     place (B*S), INT64; null where nothing is asked for
 */
record XlnetInputs(int rows, NDArray encodings, Reach content, Reach query, int places, NDArray learned, NDArray read) {
    private static final float HIDDEN = -1e30f;

    /** Of a batch, for hidden states of a width. */
    static XlnetInputs of(DeviceBatch batch, int width) {
        return batch.derived(XlnetInputs.class, one -> make(one, width));
    }

    private static XlnetInputs make(DeviceBatch batch, int width) {
        Batch host = batch.host();
        NDArray encodings = batch.floats(encodings(host.length(), width), new Shape(2L * host.length(), width));
        if (host.hidden() == null || host.predictedPositions().length == 0) {
            return new XlnetInputs(host.rows(), encodings, content(batch), null, 0, null, null);
        }
        Places places = Places.of(host);
        return new XlnetInputs(
                host.rows(),
                encodings,
                content(batch),
                places.reach(batch),
                places.count(),
                learned(batch),
                batch.longs(places.read(host), new Shape((long) host.rows() * host.length())));
    }

    private static NDArray learned(DeviceBatch batch) {
        Batch host = batch.host();
        int s = host.length();
        float[] learned = new float[host.rows() * s];
        Arrays.fill(learned, 1);
        boolean any = false;
        for (int row = 0; row < host.rows(); row++) {
            int remembered = host.hidden().remembered(row);
            Arrays.fill(learned, row * s, row * s + remembered, 0);
            any |= remembered > 0;
        }
        return any ? batch.floats(learned, new Shape(learned.length, 1)) : null;
    }

    /** Sines, then cosines, of distance / 10000^(2 i / H) (Vaswani et al. 2017, section 3.5; not interleaved). */
    static float[] encodings(int length, int width) {
        float[] values = new float[2 * length * width];
        for (int i = 0; i < width / 2; i++) {
            double frequency = Math.pow(10000, -2.0 * i / width);
            for (int row = 0; row < 2 * length; row++) {
                double angle = (length - row) * frequency;
                values[row * width + i] = (float) Math.sin(angle);
                values[row * width + width / 2 + i] = (float) Math.cos(angle);
            }
        }
        return values;
    }

    private static Reach content(DeviceBatch batch) {
        Batch host = batch.host();
        int s = host.length();
        float[] mask = new float[host.rows() * s * s];
        float[] other = new float[mask.length];
        for (int row = 0; row < host.rows(); row++) {
            for (int query = 0; query < s; query++) {
                int at = (row * s + query) * s;
                reach(host, row, query, mask, other, at);
                mask[at + query] = 0; // a token's content knows itself, even that of padding
            }
        }
        Shape shape = new Shape(host.rows(), 1, s, s);
        boolean all = host.hidden() == null && !host.hasPadding();
        return new Reach(all ? null : batch.floats(mask, shape), otherSegment(batch, other, shape), null, null);
    }

    /** Null where nothing is of another segment. */
    private static NDArray otherSegment(DeviceBatch batch, float[] other, Shape shape) {
        for (float one : other) {
            if (one != 0) {
                return batch.floats(other, shape);
            }
        }
        return null;
    }

    /** Writes what a query may not see, and which keys are of another segment. */
    private static void reach(Batch host, int row, int query, float[] mask, float[] other, int at) {
        int s = host.length();
        int[] types = host.tokenTypeIds();
        for (int key = 0; key < s; key++) {
            boolean hidden = key >= host.lengths()[row]
                    || (host.hidden() != null && host.hidden().hides(row, query, key));
            mask[at + key] = hidden ? HIDDEN : 0;
            other[at + key] = types[row * s + query] == types[row * s + key] ? 0 : 1;
        }
    }

    /**
     * The places of a batch that are asked for.
     *
     * @param count P
     * @param positions in each row (B*P); {@link #NONE} where a row has fewer
     */
    @SuppressWarnings("ArrayRecordComponent") // lives as long as the arrays are made
    private record Places(int count, int[] positions) {
        private static final int NONE = -1;

        /** As many for each row as the objective may ask for, so that dropout has a draw for each, or more. */
        static Places of(Batch host) {
            int s = host.length();
            int[] asked = new int[host.rows()];
            Arrays.stream(host.predictedPositions()).forEach(position -> asked[position / s]++);
            int most = Arrays.stream(asked).max().orElse(0);
            int count = Math.max(PermutationLm.mostPredictions(s), most);
            int[] positions = new int[host.rows() * count];
            Arrays.fill(positions, NONE);
            int[] next = new int[host.rows()];
            for (int position : host.predictedPositions()) {
                int row = position / s;
                positions[row * count + next[row]++] = position % s;
            }
            return new Places(count, positions);
        }

        Reach reach(DeviceBatch batch) {
            Batch host = batch.host();
            int s = host.length();
            float[] mask = new float[positions.length * s];
            float[] other = new float[mask.length];
            int[] distances = new int[mask.length];
            float[] present = new float[positions.length];
            for (int i = 0; i < positions.length; i++) {
                int query = Math.max(positions[i], 0);
                for (int key = 0; key < s; key++) {
                    distances[i * s + key] = s - query + key;
                }
                if (positions[i] != NONE) {
                    XlnetInputs.reach(host, i / count, query, mask, other, i * s);
                    present[i] = 1;
                }
            }
            Shape shape = new Shape(host.rows(), 1, count, s);
            return new Reach(
                    batch.floats(mask, shape),
                    otherSegment(batch, other, shape),
                    batch.longs(distances, shape),
                    batch.floats(present, new Shape(present.length, 1)));
        }

        int[] read(Batch host) {
            int s = host.length();
            int[] read = new int[host.rows() * s];
            Arrays.setAll(read, i -> i);
            for (int i = 0; i < positions.length; i++) {
                if (positions[i] != NONE) {
                    read[i / count * s + positions[i]] = read.length + i;
                }
            }
            return read;
        }
    }
}
