package norma.datasets.batches;

import java.util.Arrays;
import java.util.function.IntToLongFunction;
import norma.datasets.random.CounterHash;

/**
 * Batches of replaced-token detection, made of masked ones (Clark, Luong, Le and Manning 2020, section 2): tokens that
 * were drawn stand where something is predicted, and every token is to be told from an original one. Where the draw is
 * the original token, the label says so.
 */
public final class Replacements {
    /** What the draws of a row are for, see {@link CounterHash#key}. */
    public static final String PURPOSE = "replacements";

    private static final long HELD_OUT_SEED = 0; // the same whatever the run's seed, as held-out masks are

    private Replacements() {}

    /**
     * A uniform share for every prediction.
     *
     * @param masked the batch
     * @param keys of each row's stream of draws, which are counted by the position within the row
     * @return (M), in [0, 1), multiples of 2^-24
     */
    public static float[] shares(Batch masked, IntToLongFunction keys) {
        long[] ofRows = new long[masked.rows()];
        Arrays.setAll(ofRows, keys);
        float[] shares = new float[masked.predictedPositions().length];
        for (int i = 0; i < shares.length; i++) {
            int position = masked.predictedPositions()[i];
            long draw = CounterHash.at(ofRows[position / masked.length()], position % masked.length());
            shares[i] = (draw >>> 40) * 0x1.0p-24f;
        }
        return shares;
    }

    /** The same for held-out text: a row's shares are a function of what it shows, so always the same. */
    public static float[] heldOutShares(Batch masked) {
        return shares(masked, row -> {
            int from = row * masked.length();
            int[] shown = Arrays.copyOfRange(masked.inputIds(), from, from + masked.lengths()[row]);
            return CounterHash.key(HELD_OUT_SEED, PURPOSE, Arrays.hashCode(shown));
        });
    }

    /**
     * The batch that a discriminator reads.
     *
     * @param masked the batch
     * @param drawn (M) the tokens that were drawn where something is predicted
     * @return every token is predicted: label 1 where it is not the original one, or else 0
     */
    public static Batch of(Batch masked, int[] drawn) {
        int[] ids = masked.inputIds().clone();
        int[] replaced = new int[ids.length];
        for (int i = 0; i < drawn.length; i++) {
            int position = masked.predictedPositions()[i];
            ids[position] = drawn[i];
            replaced[position] = drawn[i] == masked.predictedLabels()[i] ? 0 : 1;
        }
        int[] positions = new int[masked.tokens()];
        int[] labels = new int[positions.length];
        int next = 0;
        for (int row = 0; row < masked.rows(); row++) {
            for (int i = 0; i < masked.lengths()[row]; i++) {
                int position = row * masked.length() + i;
                positions[next] = position;
                labels[next++] = replaced[position];
            }
        }
        return new Batch(
                masked.rows(),
                masked.length(),
                ids,
                masked.tokenTypeIds(),
                masked.lengths(),
                positions,
                labels,
                masked.nextSentenceLabels());
    }
}
