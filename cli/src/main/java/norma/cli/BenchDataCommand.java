package norma.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import norma.trainer.bench.DataBenchmark;
import norma.trainer.config.RunConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Times the way from text to batches. */
@Command(
        name = "data",
        description =
                "Times how fast a configuration's text becomes tokens on disk, and how fast those become batches.")
final class BenchDataCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions output;

    @Mixin
    private ConfigOptions options;

    @Parameters(paramLabel = "CONFIG", description = ConfigOptions.DESCRIPTION)
    private Path file;

    @Option(names = "--rounds", description = "Times that the text is tokenised; default ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Option(
            names = "--runs",
            paramLabel = "DIR",
            description = "Where prepared data is kept; default ${DEFAULT-VALUE}.")
    private Path runs = Path.of("runs");

    @Override
    public Integer call() {
        output.startLogging();
        RunConfig config = options.read(file);
        DataBenchmark.Result result;
        try (ProgressDisplay progress = output.progress()) {
            result = options.located(() -> DataBenchmark.run(config, runs, rounds, progress));
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("config", options.name());
        json.put("rounds", rounds);
        json.put("text_bytes", result.bytes());
        json.put("tokens", result.tokens());
        json.set("megabytes_per_second", SpreadText.json(result.megabytesPerSecond()));
        json.set("batch_seconds", SpreadText.json(result.batchSeconds()));
        output.result(json, text(config, result));
        return ExitCode.DONE;
    }

    private static String text(RunConfig config, DataBenchmark.Result result) {
        return String.format(
                Locale.ROOT,
                """
                text           %.1f MB, %,d tokens; min / median / max
                tokenising     %s MB of text a second, to disk
                batches of %-3d %s ms each""",
                result.bytes() / 1e6,
                result.tokens(),
                SpreadText.of(result.megabytesPerSecond(), 1, 2),
                config.training().batchSize(),
                SpreadText.of(result.batchSeconds(), 1e3, 3));
    }
}
