package norma.datasets.objectives;

/** The sequences of a split by number, before anything is hidden in them. */
public interface Examples {
    /** How many. */
    long size();

    /** Tokens of the longest sequence, special ones included. */
    int maxLength();

    /** Tokens of sentences that stand in no sequence because a sequence ends before they do. */
    default long cutOff() {
        return 0;
    }

    /**
     * Writes one sequence.
     *
     * @param example its number
     * @param key draws that an epoch may vary the sequence with
     * @param into an empty one of at least {@link #maxLength}
     */
    void write(long example, long key, Sequence into);
}
