package norma.datasets.base;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The known key that a misspelt one was probably meant to be. */
public final class NearestKey {
    private NearestKey() {}

    /** The known key with the fewest edits, if it is at most half rewritten. */
    public static Optional<String> of(String unknown, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt((String key) -> edits(unknown, key))
                        .thenComparing(key -> key))
                .filter(key -> 2 * edits(unknown, key) <= Math.max(key.length(), unknown.length()));
    }

    /** Insertions, deletions and substitutions from one to the other (Levenshtein 1966). */
    static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int substituted = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
