package norma.datasets.base;

import java.util.Locale;

/** Numbers of things, as sentences have them: {@code 1 seed}, {@code 2 seeds}, {@code 12,000 steps}. */
public final class Counted {
    private Counted() {}

    /**
     * A number and what it counts.
     *
     * @param thing one of them, with a plural in s
     */
    public static String of(long number, String thing) {
        return String.format(Locale.ROOT, "%,d %s", number, number == 1 ? thing : thing + "s");
    }
}
