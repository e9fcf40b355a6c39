package norma.cli.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import norma.cli.options.ConfigOptions;
import norma.cli.options.WholeNumber;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.trainer.config.RunConfig;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A configuration of which something is timed several times. */
final class RoundsOptions {
    @Mixin
    private ConfigOptions options;

    @Parameters(paramLabel = "CONFIG", description = ConfigOptions.DESCRIPTION)
    private Path file;

    @Option(names = "--rounds", description = "Times that it is measured; default ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Option(
            names = "--runs",
            paramLabel = "DIR",
            description = "Where prepared data is kept; default ${DEFAULT-VALUE}.")
    private Path runs = Path.of("runs");

    /** A benchmark of a configuration, in the folder of prepared data, so many times. */
    @FunctionalInterface
    interface Benchmark<T> {
        T run(RunConfig config, Path runs, int rounds, Progress progress);
    }

    /**
     * Measures.
     *
     * @throws InvalidInputException if an option or the configuration is wrong
     */
    <T> T time(OutputOptions output, Benchmark<T> benchmark) {
        output.startLogging();
        WholeNumber.requireAtLeastOne("--rounds", rounds);
        RunConfig config = options.read(file);
        try (ProgressDisplay progress = output.progress()) {
            return options.located(() -> benchmark.run(config, runs, rounds, progress));
        }
    }

    /** The beginning of a result: {@code config}, {@code rounds}. */
    ObjectNode result() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("config", options.name());
        json.put("rounds", rounds);
        return json;
    }
}
