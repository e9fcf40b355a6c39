package norma.cli.training;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import norma.cli.options.ConfigOptions;
import norma.cli.options.NewRunOptions;
import norma.cli.terminal.OutputOptions;
import norma.datasets.base.InvalidInputException;
import norma.trainer.pretraining.Fork;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a model from scratch, or from where another run stood. */
@Command(
        name = "pretrain",
        description = {
            "Pre-trains a model from scratch, or from a run's checkpoint.",
            "The run has a folder of its own, and ends with a summary and a figure. Ctrl-C stops it with a checkpoint."
        },
        footer = {
            "  norma pretrain configs/quickstart.yaml",
            "  norma pretrain configs/quickstart.yaml --set training.steps=1500 --run short",
            "  norma pretrain --from runs/quickstart@1000 --set schedule.type=linear"
        })
public final class PretrainCommand implements Callable<Integer> {
    @Parameters(paramLabel = "CONFIG", arity = "0..1", description = ConfigOptions.DESCRIPTION)
    private Path file;

    @Option(
            names = "--from",
            paramLabel = "RUN@STEP",
            description =
                    "Checkpoint of another run to fork, in place of CONFIG. The fork starts with everything that run"
                            + " had recorded up to the step, and sees the same data and masks in the same order. Only what"
                            + " --set changes differs; without a change the fork equals its parent bit for bit.")
    private String from;

    @Mixin
    private NewRunOptions run;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        if ((file == null) == (from == null)) {
            throw InvalidInputException.of(
                    "command line",
                    "CONFIG",
                    file == null ? "nothing" : file + " beside --from " + from,
                    "either a configuration or --from RUN@STEP");
        }
        output.startLogging();
        return from == null
                ? run.with(file, config -> RunSession.run(output, pretraining -> run.start(pretraining, config, "")))
                : fork(ForkPoint.parse(from));
    }

    private int fork(ForkPoint point) {
        RunFolder.requireRun(point.run());
        return run.with(new RunFiles(point.run()).config(), config -> {
            Fork fork = Fork.of(point.run(), point.step(), config);
            return RunSession.run(output, pretraining -> run.fork(pretraining, fork, point.name()));
        });
    }

    /**
     * A checkpoint of a run as {@code --from} writes it.
     *
     * @param run the run's folder
     * @param step of the checkpoint
     */
    private record ForkPoint(Path run, long step) {
        static ForkPoint parse(String text) {
            int at = text.lastIndexOf('@');
            String step = text.substring(at + 1);
            if (at < 1 || !step.matches("\\d{1,18}")) {
                throw InvalidInputException.of(
                        "command line", "--from", text, "a run's folder and a step, such as runs/tiny@4000");
            }
            return new ForkPoint(Path.of(text.substring(0, at)), Long.parseLong(step));
        }

        /** The name of a fork that is given none. */
        String name() {
            return run.toAbsolutePath().normalize().getFileName() + "-from-" + step;
        }
    }
}
