package norma.datasets.base;

import java.nio.file.Path;

/** Something lies where a new thing was to be written, and is not to be replaced. */
public final class AlreadyExistsException extends InvalidInputException {
    private static final long serialVersionUID = 1L;

    private final String path;
    private final String there;
    private final boolean resumable;
    private final boolean replaceable;

    /**
     * About something that is replaced if that is asked for.
     *
     * @param there what lies there, and how: {@code exists already}
     * @param expected what would have been right
     */
    public AlreadyExistsException(Path path, String there, String expected) {
        this(path, there, expected, true);
    }

    /**
     * About something else.
     *
     * @param replaceable whether it is replaced if that is asked for
     */
    public AlreadyExistsException(Path path, String there, String expected, boolean replaceable) {
        this(path, there, expected, false, replaceable);
    }

    private AlreadyExistsException(Path path, String there, String expected, boolean resumable, boolean replaceable) {
        super(path + ": " + there + ", expected " + expected);
        this.path = path.toString();
        this.there = there;
        this.resumable = resumable;
        this.replaceable = replaceable;
    }

    /**
     * About what lies where a new run was to be written.
     *
     * @param resumable whether it is a run that can be resumed
     * @param replaceable whether it is a run at all, for nothing else is replaced
     */
    public static AlreadyExistsException ofRun(Path path, boolean resumable, boolean replaceable) {
        return new AlreadyExistsException(
                path,
                (replaceable ? "a run of this name" : "something that is not a run") + " is there already",
                resumable ? "another name, or to resume that run" : "another name",
                resumable,
                replaceable);
    }

    /** Where it lies. */
    public String path() {
        return path;
    }

    /** What lies there, and how. */
    public String there() {
        return there;
    }

    /** Whether it is a run that can be resumed. */
    public boolean isResumable() {
        return resumable;
    }

    /** Whether it is replaced if that is asked for. */
    public boolean isReplaceable() {
        return replaceable;
    }
}
