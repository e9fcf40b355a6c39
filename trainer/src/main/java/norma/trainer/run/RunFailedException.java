package norma.trainer.run;

import java.io.IOException;
import java.nio.file.Path;

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

    /** What ends a run when a file cannot be read or written; a full disk is named as such. */
    public static RunFailedException of(Path folder, IOException e) {
        return new RunFailedException(
                folder + ": "
                        + (isDiskFull(e)
                                ? "the disk is full (" + e.getMessage() + "); free some space and resume the run"
                                : e.getMessage()),
                e);
    }

    /** Java has no exception of its own for it, only the system's words. */
    public static boolean isDiskFull(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("No space left") || message.contains("File too large") || message.contains("quota");
    }
}
