package norma.probes.emergence;

import java.util.Arrays;

/**
 * Follows flags from row to row: when each was first set, since when it has been set without a break, and how often it
 * began to be. Rows that were never recorded are not shown to it.
 */
final class Crossings {
    private final long[] first;
    private final long[] since;
    private final int[] beginnings;
    private final long[] before;

    Crossings(int flags) {
        first = new long[flags];
        since = new long[flags];
        beginnings = new int[flags];
        before = new long[DepartureFlags.words(flags)];
        Arrays.fill(first, -1);
        Arrays.fill(since, -1);
    }

    /**
     * Takes the flags of the next row.
     *
     * @param flags their words, from {@code from} on
     */
    void row(long row, long[] flags, int from) {
        for (int word = 0; word < before.length; word++) {
            long now = flags[from + word];
            for (long left = now ^ before[word]; left != 0; left &= left - 1) {
                int flag = word * Long.SIZE + Long.numberOfTrailingZeros(left);
                if ((now & Long.lowestOneBit(left)) == 0) {
                    since[flag] = -1;
                    continue;
                }
                since[flag] = row;
                beginnings[flag]++;
                if (first[flag] < 0) {
                    first[flag] = row;
                }
            }
            before[word] = now;
        }
    }

    /** Whether it is set in the last row taken. */
    boolean isSet(int flag) {
        return since[flag] >= 0;
    }

    /** The first row in which it was set, −1 if there was none. */
    long first(int flag) {
        return first[flag];
    }

    /** The row since which it has been set up to the last one; −1 if it is not set there. */
    long since(int flag) {
        return since[flag];
    }

    /** How often it was set where it was not in the row before; being set in the first row counts. */
    int beginnings(int flag) {
        return beginnings[flag];
    }
}
