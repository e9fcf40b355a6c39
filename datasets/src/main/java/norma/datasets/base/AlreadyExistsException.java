package norma.datasets.base;

import java.nio.file.Path;

/** Something lies where a new thing was to be written, and is not to be replaced. */
public final class AlreadyExistsException extends InvalidInputException {
    private static final long serialVersionUID = 1L;

    /**
     * The sentence.
     *
     * @param there what lies there, and how: {@code exists}
     * @param expected what would have been right
     */
    public AlreadyExistsException(Path path, String there, String expected) {
        super(path + ": " + there + ", expected " + expected);
    }
}
