package norma.cli.terminal;

/** Somebody stopped the work before there was a run to keep. */
final class StoppedEarlyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedEarlyException(String message) {
        super(message);
    }
}
