package norma.cli.terminal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import norma.datasets.base.InvalidInputException;
import norma.trainer.run.RunFailedException;

/** What a command that threw tells its user, and the exit code that goes with it. */
public final class Failure {
    private Failure() {}

    /** One sentence on standard error; after it the stack trace, if that was asked for. */
    public static int report(Exception problem, Terminal terminal, boolean verbose) {
        if (problem instanceof InvalidInputException) {
            terminal.error(problem.getMessage());
            return ExitCode.INVALID_INPUT;
        }
        if (problem instanceof StoppedEarlyException) {
            terminal.error(problem.getMessage());
            return ExitCode.INTERRUPTED;
        }
        if (problem instanceof RunFailedException) {
            terminal.error(problem.getMessage());
            return failed(problem, terminal, verbose);
        }
        Throwable cause = problem instanceof UncheckedIOException unchecked ? unchecked.getCause() : problem;
        if (cause instanceof AccessDeniedException denied) {
            terminal.error(denied.getFile() + ": no permission, expected a place that can be read and written");
            return ExitCode.INVALID_INPUT;
        }
        terminal.error(sentence(problem, cause));
        return failed(problem, terminal, verbose);
    }

    private static int failed(Exception problem, Terminal terminal, boolean verbose) {
        if (verbose) {
            problem.printStackTrace(terminal.err());
        }
        return ExitCode.FAILED;
    }

    private static String sentence(Exception problem, Throwable cause) {
        if (cause instanceof FileSystemException system) {
            return system.getFile() + ": " + (system.getReason() == null ? system : system.getReason());
        }
        if (cause instanceof IOException) {
            return problem instanceof UncheckedIOException ? problem.getMessage() : cause.getMessage();
        }
        return "internal error: " + problem + " (--verbose shows where)";
    }
}
