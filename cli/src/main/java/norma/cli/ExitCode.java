package norma.cli;

/** How a command ended, for the shell. */
final class ExitCode {
    /** Done. */
    static final int DONE = 0;
    /** Failed, for a reason that is not the user's input. */
    static final int FAILED = 1;
    /** The user's input is wrong. */
    static final int INVALID_INPUT = 2;
    /** Stopped by Ctrl-C or SIGTERM, after a checkpoint. */
    static final int INTERRUPTED = 130;

    private ExitCode() {}
}
