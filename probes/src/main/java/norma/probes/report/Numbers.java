package norma.probes.report;

import java.util.Locale;

/** Numbers as the page's tables show them. */
final class Numbers {
    /** What stands where there is no number. */
    static final String NONE = "–";

    private static final int DIGITS = 4;

    private Numbers() {}

    /** A loss in nats, with the four decimals that the commands print. */
    static String loss(double nats) {
        return Double.isNaN(nats) ? NONE : String.format(Locale.ROOT, "%.4f", nats);
    }

    /** A step, with its thousands apart. */
    static String step(long step) {
        return String.format(Locale.ROOT, "%,d", step);
    }

    /**
     * Any number: a whole one as it is; else with at least three decimals and at least four digits that count; in
     * scientific form below 0.0001 and from a million on.
     */
    static String of(double value) {
        if (Double.isNaN(value)) {
            return NONE;
        }
        double size = Math.abs(value);
        if (value == Math.rint(value) && size < 1e15) {
            return Long.toString((long) value);
        }
        if (size < 1e-4 || size >= 1e6) {
            return String.format(Locale.ROOT, "%.3e", value);
        }
        int zeros = (int) -Math.floor(Math.log10(size)) - 1; // between the point and the first digit
        return String.format(Locale.ROOT, "%." + Math.max(DIGITS - 1, DIGITS + zeros) + "f", value);
    }
}
