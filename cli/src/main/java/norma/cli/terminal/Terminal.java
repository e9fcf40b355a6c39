package norma.cli.terminal;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command's output goes: results to one stream, everything for people to the other. Texts from files and of
 * users pass here whoever prints them, and nothing in them reaches the terminal as a command.
 */
public final class Terminal {
    private final PrintStream out;
    private final PrintStream err;
    private final PrintStream help;
    private final boolean bars;

    /**
     * A pair of streams.
     *
     * @param out for results
     * @param err for people
     * @param bars whether progress is drawn as bars on the process's standard error, which then is a terminal;
     *     otherwise it is lines on {@code err}
     */
    public Terminal(OutputStream out, OutputStream err, boolean bars) {
        this.out = new PrintStream(new SpeltOutStream(out), true, StandardCharsets.UTF_8);
        this.err = new PrintStream(new SpeltOutStream(err), true, StandardCharsets.UTF_8);
        this.help = new PrintStream(out, true, StandardCharsets.UTF_8);
        this.bars = bars;
    }

    /** For results. */
    public PrintStream out() {
        return out;
    }

    /** For people. */
    public PrintStream err() {
        return err;
    }

    /** For help, which is our own text and may have colours. */
    public PrintStream help() {
        return help;
    }

    /** One sentence that says what went wrong. */
    public void error(String sentence) {
        err.println("norma: " + sentence);
    }

    ProgressDisplay progress() {
        return bars ? new ProgressBars() : new ProgressLines(err);
    }
}
