package norma.trainer.pretraining;

/** A run cannot go on; the message is one sentence for the user, who did nothing wrong. */
public final class RunFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A complete sentence. */
    public RunFailedException(String message) {
        super(message);
    }

    /** A complete sentence, and what happened. */
    public RunFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
