package norma.cli.options;

import norma.datasets.base.InvalidInputException;

/** What options that count something ask for. */
public final class WholeNumber {
    private WholeNumber() {}

    /**
     * Refuses what counts nothing.
     *
     * @param option its name on the command line
     * @throws InvalidInputException below 1
     */
    public static void requireAtLeastOne(String option, int value) {
        if (value < 1) {
            throw InvalidInputException.of("command line", option, value, "a whole number of at least 1");
        }
    }
}
