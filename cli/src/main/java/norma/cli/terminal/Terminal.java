package norma.cli.terminal;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Where a command's output goes: results to one stream, everything for people to the other. */
public final class Terminal {
    private final PrintStream out;
    private final PrintStream err;

    public Terminal(OutputStream out, OutputStream err) {
        this.out = new PrintStream(out, true, StandardCharsets.UTF_8);
        this.err = new PrintStream(err, true, StandardCharsets.UTF_8);
    }

    public PrintStream out() {
        return out;
    }

    public PrintStream err() {
        return err;
    }

    /** One sentence that says what went wrong. */
    public void error(String sentence) {
        err.println("norma: " + sentence);
    }
}
