package norma.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.concurrent.Callable;
import norma.cli.terminal.OutputOptions;
import norma.trainer.bench.PaddingBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Times fine-tuning on texts of different lengths. */
@Command(
        name = "padding",
        description = {
            "Times fine-tuning on texts of different lengths.",
            "They are half as long as the longest on average, and are compared with texts that are all as long as the longest."
        },
        footer = {
            "  norma bench padding configs/bert-tiny.yaml",
            "  norma bench padding configs/bert-tiny.yaml --rounds 5 --json"
        })
final class BenchPaddingCommand implements Callable<Integer> {
    @Mixin
    private RoundsOptions options;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        return options.report(output, PaddingBenchmark::run, BenchPaddingCommand::json, BenchPaddingCommand::text);
    }

    private static void json(PaddingBenchmark.Result result, ObjectNode json) {
        json.put("rows", result.rows());
        json.put("length", result.length());
        json.put("padding_share", result.paddingShare());
        json.put("processed_share", result.processedShare());
        json.set("padded_step_seconds", SpreadText.json(result.paddedSeconds()));
        json.set("step_seconds", SpreadText.json(result.seconds()));
        json.set("time_ratio", SpreadText.json(result.ratio()));
    }

    private static String text(PaddingBenchmark.Result result) {
        return String.format(
                Locale.ROOT,
                """
                all batches %d x %d   %.1f %% padding; min / median / max
                a full step           %s ms
                a step as batched     %s ms, on %.1f %% of the positions
                time ratio            %s""",
                result.rows(),
                result.length(),
                100 * result.paddingShare(),
                SpreadText.of(result.paddedSeconds(), 1e3, 1),
                SpreadText.of(result.seconds(), 1e3, 1),
                100 * result.processedShare(),
                SpreadText.of(result.ratio(), 1, 3));
    }
}
