package norma.cli.terminal;

/** Somebody stopped the work before there was a run to keep. */
public final class StoppedEarlyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With a sentence for people. */
    public StoppedEarlyException(String message) {
        super(message);
    }
}
