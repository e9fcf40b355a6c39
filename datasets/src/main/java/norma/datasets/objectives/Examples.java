package norma.datasets.objectives;

import java.util.List;

/** The sequences of a split by number, before anything is hidden in them. */
public interface Examples {
    /** How many. */
    long size();

    /** Tokens of the longest sequence, special ones included. */
    int maxLength();

    /**
     * What of the text stands in no sequence of an epoch and why, a sentence each; the rest behind the last is none.
     */
    default List<String> omissions() {
        return List.of();
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
