package norma.cli.training;

import ai.djl.Device;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.cli.terminal.RunDisplay;
import norma.cli.terminal.StopSignals;
import norma.probes.damage.ClosingDamage;
import norma.probes.source.ModelSource;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.device.Devices;
import norma.trainer.pretraining.Pretraining;
import norma.trainer.pretraining.RunSummary;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.step.Learner;

/** One run in the foreground: signals, display, summary, exit code. */
public final class RunSession {
    private RunSession() {}

    public static int run(OutputOptions output, Function<Pretraining, RunSummary> work) {
        RunSummary summary = train(output, new StopRequest(), listener -> listener, work);
        Optional<ClosingDamage> damage = damage(output, summary);
        output.say("");
        output.result(RunReport.json(summary, damage), RunReport.text(summary, damage));
        return summary.interrupted() ? ExitCode.INTERRUPTED : ExitCode.DONE;
    }

    /**
     * What the finished model loses without its costliest dimensions, if it was trained long enough for the question.
     */
    private static Optional<ClosingDamage> damage(OutputOptions output, RunSummary summary) {
        Learner.Evaluation evaluation = summary.evaluation();
        if (summary.interrupted() || evaluation == null || evaluation.tokens().predictions() == 0) {
            return Optional.empty();
        }
        RunConfig config = RunConfigYaml.read(new RunFiles(summary.folder()).config(), List.of());
        if (!ClosingDamage.isAffordable(config)) {
            return Optional.empty();
        }
        Device device = Devices.parseAll(config.device()).get(0);
        try (ProgressDisplay progress = output.progress()) {
            ModelSource source = ModelSource.of(summary.folder(), output::warn);
            Optional<ClosingDamage> damage = ClosingDamage.measure(source, config, device, progress);
            progress.finish();
            return damage;
        }
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
