package norma.datasets.batches;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Which tokens of a batch are hidden from which, besides padding: the {@code perm_mask} of Hugging Face's XLNet. Where
 * a model has a stream for what stands at each place and one for what is predicted there, a token's content knows
 * itself whatever this says; what is predicted knows no more than this lets it.
 */
public interface HiddenTokens {
    /**
     * Whether a query may not see a key.
     *
     * @param row of the batch
     * @param query position in the row
     * @param key position in the row
     */
    boolean hides(int row, int query, int key);

    /**
     * Tokens at the beginning of a row that are its memory: the text before it, which is read, and not learned from.
     *
     * @param row of the batch
     */
    default int remembered(int row) {
        return 0;
    }

    /**
     * Rows that begin with a memory, which knows nothing of what comes after it.
     *
     * @param others what is hidden besides
     * @param remembered (B) tokens of each row's memory
     */
    @SuppressWarnings("ArrayRecordComponent") // as InOrder's
    record Remembering(HiddenTokens others, int[] remembered) implements HiddenTokens {
        @Override
        public boolean hides(int row, int query, int key) {
            return query < remembered[row] ? key >= remembered[row] : others.hides(row, query, key);
        }

        @Override
        public int remembered(int row) {
            return remembered[row];
        }
    }

    /**
     * An order in which tokens are predicted: each sees those before it in the order and all that are not in it.
     *
     * @param length S
     * @param order (B*S) place of each token in its row's order; {@link #SHOWN} for one that is not predicted, which
     *     all see and which sees none that is
     */
    @SuppressWarnings("ArrayRecordComponent") // read once, by whoever makes a mask of it
    record InOrder(int length, int[] order) implements HiddenTokens {
        /** The place of a token that every token sees. */
        public static final int SHOWN = -1;

        @Override
        public boolean hides(int row, int query, int key) {
            int ofKey = order[row * length + key];
            return ofKey != SHOWN && order[row * length + query] <= ofKey;
        }
    }

    /**
     * Some tokens hidden from all, and every token from what is predicted in its own place.
     *
     * @param length S
     * @param positions of the hidden tokens, in (B*S)
     */
    static HiddenTokens fromAll(int length, int[] positions) {
        BitSet hidden = new BitSet();
        Arrays.stream(positions).forEach(hidden::set);
        return (row, query, key) -> query == key || hidden.get(row * length + key);
    }
}
