package norma.datasets.batches;

/** The sequences of a split by number, before masking. */
interface Examples {
    /** How many. */
    long size();

    /** Tokens of the longest sequence, special ones included. */
    int maxLength();

    /**
     * Writes one sequence.
     *
     * @param example its number
     * @param key draws that an epoch may vary the sequence with
     * @param ids receives the tokens from {@code from} on
     * @param types receives the token types likewise
     */
    Written write(long example, long key, int[] ids, int[] types, int from);

    /**
     * What was written.
     *
     * @param length tokens
     * @param nextSentenceLabel 0 next, 1 random, -1 without that objective
     */
    record Written(int length, int nextSentenceLabel) {}
}
