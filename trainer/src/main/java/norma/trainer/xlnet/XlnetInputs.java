package norma.trainer.xlnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
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
            for (int distance = 0; distance <= length; distance++) {
                float sine = (float) Math.sin(distance * frequency);
                float cosine = (float) Math.cos(distance * frequency);
                int before = (length - distance) * width + i;
                values[before] = sine;
                values[before + width / 2] = cosine;
                if (distance > 0 && distance < length) {
                    int after = (length + distance) * width + i;
                    values[after] = -sine;
                    values[after + width / 2] = cosine;
                }
            }
        }
        return values;
    }

    private static Reach content(DeviceBatch batch) {
        Batch host = batch.host();
        int s = host.length();
        int[] positions = new int[host.rows() * s];
        Arrays.setAll(positions, i -> i % s);
        NDArray mask = null; // all is seen
        if (host.hidden() != null || host.hasPadding()) {
            float[] hidden = hidden(host, positions);
            for (int i = 0; i < positions.length; i++) {
                hidden[i * s + positions[i]] = 0; // a token's content knows itself, even that of padding
            }
            mask = batch.floats(hidden, new Shape(host.rows(), 1, s, s));
        }
        return new Reach(mask, otherSegment(batch, positions), null, null);
    }

    /**
     * What queries may not see.
     *
     * @param positions of the queries in their rows, as many in each (B*Q); {@link Places#NONE} for none
     * @return 0, or a large negative number for a key that a query may not see (B*Q*S)
     */
    private static float[] hidden(Batch host, int[] positions) {
        int s = host.length();
        int queries = positions.length / host.rows();
        float[] mask = new float[positions.length * s];
        for (int i = 0; i < positions.length; i++) {
            int row = i / queries;
            if (positions[i] != Places.NONE) {
                for (int key = 0; key < s && host.hidden() != null; key++) {
                    mask[i * s + key] = host.hidden().hides(row, positions[i], key) ? HIDDEN : 0;
                }
                Arrays.fill(mask, i * s + host.lengths()[row], (i + 1) * s, HIDDEN);
            }
        }
        return mask;
    }

    /** Which keys are of another segment than a query (B, 1, Q, S); null where all are of one. */
    private static NDArray otherSegment(DeviceBatch batch, int[] positions) {
        Batch host = batch.host();
        int s = host.length();
        int[] types = host.tokenTypeIds();
        if (IntStream.range(0, types.length).allMatch(i -> types[i] == types[i / s * s])) {
            return null;
        }
        int queries = positions.length / host.rows();
        float[] other = new float[positions.length * s];
        for (int i = 0; i < positions.length; i++) {
            int first = i / queries * s;
            for (int key = 0; key < s && positions[i] != Places.NONE; key++) {
                other[i * s + key] = types[first + positions[i]] == types[first + key] ? 0 : 1;
            }
        }
        return batch.floats(other, new Shape(host.rows(), 1, queries, s));
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
            int[] distances = new int[positions.length * s];
            float[] present = new float[positions.length];
            for (int i = 0; i < positions.length; i++) {
                int query = Math.max(positions[i], 0);
                for (int key = 0; key < s; key++) {
                    distances[i * s + key] = s - query + key;
                }
                present[i] = positions[i] == NONE ? 0 : 1;
            }
            Shape shape = new Shape(host.rows(), 1, count, s);
            return new Reach(
                    batch.floats(hidden(host, positions), shape),
                    otherSegment(batch, positions),
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
