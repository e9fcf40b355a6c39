package norma.datasets.files;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;

/** Texts of configurations that name a file or folder. */
public final class PathText {
    private PathText() {}

    /**
     * Requires that a text can name a file: one with a NUL, or with half of a surrogate pair, cannot.
     *
     * @param owner file or group that has the key, for the message
     * @param text null where nothing is named
     * @throws InvalidInputException if it cannot
     */
    public static void require(String owner, String key, String text) {
        if (text == null) {
            return;
        }
        try {
            Path unused = Path.of(text); // it throws
        } catch (InvalidPathException e) {
            throw InvalidInputException.of(owner, key, text, "a path (" + e.getReason() + ")");
        }
    }
}
