package norma.cli.terminal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;
import norma.datasets.files.FileProblem;
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
        if (cause instanceof IOException io && FileProblem.isForbidden(io)) {
            terminal.error(FileProblem.sentence(io) + ", expected a place that can be read and written");
            return ExitCode.INVALID_INPUT;
        }
        if (cause instanceof InvalidPathException path) {
            terminal.error(Quoted.of(path.getInput()) + ": no path (" + path.getReason() + "), expected one");
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
        if (!(cause instanceof IOException io)) {
            return "internal error: " + Quoted.of(problem) + " (--verbose shows where)";
        }
        boolean saidMore = problem != cause && !problem.getMessage().equals(cause.toString());
        if (!saidMore) {
            return FileProblem.sentence(io);
        }
        String reason = FileProblem.reason(io);
        return problem.getMessage().contains(reason) ? problem.getMessage() : problem.getMessage() + ": " + reason;
    }
}
