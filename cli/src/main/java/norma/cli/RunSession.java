package norma.cli;

import java.util.function.Function;
import norma.trainer.pretraining.Pretraining;
import norma.trainer.pretraining.RunSummary;
import norma.trainer.pretraining.StopRequest;

/** One run in the foreground: signals, display, summary, exit code. */
final class RunSession {
    private RunSession() {}

    @SuppressWarnings("try") // the signals are only held
    static int run(OutputOptions output, Function<Pretraining, RunSummary> work) {
        StopRequest stop = new StopRequest();
        RunSummary summary;
        try (StopSignals signals = new StopSignals(stop, output.terminal());
                RunDisplay display = new RunDisplay(output, stop)) {
            try {
                summary = work.apply(new Pretraining(stop, display));
            } catch (RuntimeException e) {
                display.failed(e);
                throw e;
            }
        }
        output.say(RunReport.text(summary));
        output.result(RunReport.json(summary));
        return summary.interrupted() ? ExitCode.INTERRUPTED : ExitCode.DONE;
    }
}
