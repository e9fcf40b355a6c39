package norma.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.concurrent.Callable;
import norma.cli.terminal.OutputOptions;
import norma.datasets.base.Counted;
import norma.trainer.bench.DataBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Times the way from text to batches. */
@Command(
        name = "data",
        description = "Times a configuration's data: from text to tokens to batches.",
        footer = {
            "  norma bench data configs/quickstart.yaml",
            "  norma bench data configs/quickstart.yaml --rounds 5 --json"
        })
final class BenchDataCommand implements Callable<Integer> {
    @Mixin
    private RoundsOptions options;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        return options.report(output, DataBenchmark::run, BenchDataCommand::json, BenchDataCommand::text);
    }

    private static void json(DataBenchmark.Result result, ObjectNode json) {
        json.put("text_bytes", result.bytes());
        json.put("tokens", result.tokens());
        json.set("megabytes_per_second", SpreadText.json(result.megabytesPerSecond()));
        json.set("batch_seconds", SpreadText.json(result.batchSeconds()));
    }

    private static String text(DataBenchmark.Result result) {
        return String.format(
                Locale.ROOT,
                """
                text           %.1f MB, %s; min / median / max
                tokenising     %s MB of text a second, to disk
                batches of %-3d %s ms each""",
                result.bytes() / 1e6,
                Counted.of(result.tokens(), "token"),
                SpreadText.of(result.megabytesPerSecond(), 1, 2),
                result.batchRows(),
                SpreadText.of(result.batchSeconds(), 1e3, 3));
    }
}
