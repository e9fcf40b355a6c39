package norma.cli.options;

import java.nio.file.Path;
import java.util.function.Function;
import norma.trainer.config.RunConfig;
import norma.trainer.pretraining.Fork;
import norma.trainer.pretraining.Pretraining;
import norma.trainer.pretraining.RunSummary;
import picocli.CommandLine.Mixin;

/** A run that is to be trained: its configuration, and where it goes. */
public final class NewRunOptions {
    @Mixin
    private ConfigOptions options;

    @Mixin
    private RunOptions run;

    /** Reads a configuration and does something with it, see {@link ConfigOptions#located}. */
    public int with(Path file, Function<RunConfig, Integer> work) {
        RunConfig config = options.read(file);
        return options.located(() -> work.apply(config));
    }

    /**
     * Trains.
     *
     * @param suffix of the run's name, which is that of the configuration unless it was given one
     */
    public RunSummary start(Pretraining pretraining, RunConfig config, String suffix) {
        return pretraining.start(config, run.runs(), run.name(options.name() + suffix), run.force());
    }

    /** Trains what begins where another run stood. */
    public RunSummary fork(Pretraining pretraining, Fork fork, String name) {
        return pretraining.fork(fork, run.runs(), run.name(name), run.force());
    }

    /** The folder of the runs. */
    public Path runs() {
        return run.runs();
    }

    /** The configuration's name. */
    public String configName() {
        return options.name();
    }
}
