package norma.cli.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Function;
import norma.cli.options.ConfigOptions;
import norma.cli.options.RunsOptions;
import norma.cli.options.WholeNumber;
import norma.cli.terminal.ExitCode;
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

    @Option(names = "--rounds", paramLabel = "N", description = "Number of measurements; default: ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Mixin
    private RunsOptions runs;

    /** A benchmark of a configuration, in the folder of prepared data, so many times. */
    @FunctionalInterface
    interface Benchmark<T> {
        T run(RunConfig config, Path runs, int rounds, Progress progress);
    }

    /**
     * Measures, and prints what was found.
     *
     * @param json adds it to a result that begins with {@code config} and {@code rounds}
     * @param text says it to people
     * @return the exit code
     * @throws InvalidInputException if an option or the configuration is wrong
     */
    <T> int report(
            OutputOptions output, Benchmark<T> benchmark, BiConsumer<T, ObjectNode> json, Function<T, String> text) {
        output.startLogging();
        WholeNumber.requireAtLeastOne("--rounds", rounds);
        RunConfig config = options.read(file);
        T found;
        try (ProgressDisplay progress = output.progress()) {
            found = options.located(() -> benchmark.run(config, runs.folder(), rounds, progress));
        }
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("config", options.name());
        result.put("rounds", rounds);
        json.accept(found, result);
        output.result(result, text.apply(found));
        return ExitCode.DONE;
    }
}
