package norma.datasets.tasks;

import norma.datasets.base.InvalidInputException;

/**
 * Where in a file something stands.
 *
 * @param file its path
 * @param line from 1
 */
record Place(String file, long line) {
    /** What to say about the whole line. */
    InvalidInputException wrong(String found, String expected) {
        return InvalidInputException.of(file, "line " + line, found, expected);
    }

    /** What to say about a column of it. */
    InvalidInputException wrong(String column, String found, String expected) {
        return InvalidInputException.of(file, "line " + line + ", column " + column, found, expected);
    }
}
