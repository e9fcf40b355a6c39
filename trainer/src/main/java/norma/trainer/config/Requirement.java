package norma.trainer.config;

import norma.datasets.base.InvalidInputException;

/** The checks that the groups share; each failure quotes group, key, value and rule. */
final class Requirement {
    private Requirement() {}

    static void require(boolean holds, String group, String key, Object value, String expected) {
        if (!holds) {
            throw InvalidInputException.of(group, key, value, expected);
        }
    }

    static void atLeast(long minimum, String group, String key, long value) {
        require(value >= minimum, group, key, value, "a whole number of at least " + minimum);
    }

    /** In [0, 1). */
    static void fraction(String group, String key, double value) {
        require(value >= 0 && value < 1, group, key, value, "a number of at least 0 and below 1");
    }

    /** Above 0 and finite. */
    static void positive(String group, String key, double value) {
        require(value > 0 && value < Double.POSITIVE_INFINITY, group, key, value, "a number above 0");
    }
}
