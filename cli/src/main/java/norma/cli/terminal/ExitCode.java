package norma.cli.terminal;

/** How a command ended, for the shell. */
public final class ExitCode {
    /** Done. */
    public static final int DONE = 0;
    /** Failed, for a reason that is not the user's input. */
    public static final int FAILED = 1;
    /** The user's input is wrong. */
    public static final int INVALID_INPUT = 2;
    /** Stopped by Ctrl-C, in training by SIGTERM too; a run in training has written a checkpoint first. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
