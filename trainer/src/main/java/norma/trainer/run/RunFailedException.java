package norma.trainer.run;

import java.io.IOException;
import java.nio.file.Path;
import norma.datasets.base.PublicApi;
import norma.datasets.files.FileProblem;

/** A run cannot go on; the message is one sentence for the user, who did nothing wrong. */
@PublicApi(opaque = true)
public sealed class RunFailedException extends RuntimeException permits TrainingDivergedException {
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
                        + (FileProblem.isDiskFull(e)
                                ? "the disk is full (" + FileProblem.sentence(e)
                                        + "); free some space and resume the run"
                                : FileProblem.sentence(e)),
                e);
    }
}
