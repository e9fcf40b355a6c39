package norma.cli.training;

import java.util.function.Function;
import java.util.function.UnaryOperator;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.RunDisplay;
import norma.cli.terminal.StopSignals;
import norma.trainer.pretraining.Pretraining;
import norma.trainer.pretraining.RunSummary;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;

/** One run in the foreground: signals, display, summary, exit code. */
public final class RunSession {
    private RunSession() {}

    public static int run(OutputOptions output, Function<Pretraining, RunSummary> work) {
        RunSummary summary = train(output, new StopRequest(), listener -> listener, work);
        Closing closing = Closing.of(output, summary);
        output.say("");
        output.result(RunReport.json(summary, closing), RunReport.text(summary, closing));
        return summary.interrupted() ? ExitCode.INTERRUPTED : ExitCode.DONE;
    }

    /**
     * Trains under signals and a display.
     *
     * @param stop asked for by a signal
     * @param watched puts a listener of its own in front of the display
     */
    @SuppressWarnings("try") // the signals are only held
    public static RunSummary train(
            OutputOptions output,
            StopRequest stop,
            UnaryOperator<RunListener> watched,
            Function<Pretraining, RunSummary> work) {
        try (StopSignals signals = output.signals(stop);
                RunDisplay display = new RunDisplay(output, stop)) {
            try {
                return work.apply(new Pretraining(stop, watched.apply(display)));
            } catch (RuntimeException e) {
                display.failed(e);
                throw e;
            }
        }
    }
}
