package norma.cli.options;

import norma.datasets.base.InvalidInputException;

/** Options that were given where they would do nothing. */
public final class WithoutEffect {
    private WithoutEffect() {}

    /**
     * Refuses one.
     *
     * @param option its name on the command line
     * @param value as given, or null if it was not
     * @param expected what would have been right
     * @throws InvalidInputException if it was given
     */
    public static void refuse(String option, Object value, String expected) {
        if (value != null) {
            throw InvalidInputException.of("command line", option, value, expected);
        }
    }
}
