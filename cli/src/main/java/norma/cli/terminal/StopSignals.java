package norma.cli.terminal;

import norma.trainer.run.StopRequest;
import org.jline.utils.Signals;

/** Ctrl-C and SIGTERM: the first asks the run to stop after its step, a second one ends the process at once. */
public final class StopSignals implements AutoCloseable {
    private final Object interrupt;
    private final Object terminate;

    StopSignals(StopRequest stop, Terminal terminal) {
        Runnable handler = () -> {
            if (stop.isRequested()) {
                Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
            }
            stop.request();
            terminal.err().println("\nStopping after this step, with a checkpoint (once more: at once)…");
        };
        interrupt = Signals.register("INT", handler);
        terminate = Signals.register("TERM", handler);
    }

    /** The signals do again what they did before. */
    @Override
    public void close() {
        Signals.unregister("INT", interrupt);
        Signals.unregister("TERM", terminate);
    }
}
