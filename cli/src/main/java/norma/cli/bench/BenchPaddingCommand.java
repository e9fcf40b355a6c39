package norma.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.concurrent.Callable;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.trainer.bench.PaddingBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Times fine-tuning on texts of different lengths. */
@Command(
        name = "padding",
        description =
                "Times fine-tuning steps of a configuration's model on texts of all lengths, half the longest on average,"
                        + " against steps on texts that are all as long as the longest.")
final class BenchPaddingCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions output;

    @Mixin
    private RoundsOptions options;

    @Override
    public Integer call() {
        PaddingBenchmark.Result result = options.time(output, PaddingBenchmark::run);
        ObjectNode json = options.result();
        json.put("rows", result.rows());
        json.put("length", result.length());
        json.put("padding_share", result.paddingShare());
        json.put("processed_share", result.processedShare());
        json.set("padded_step_seconds", SpreadText.json(result.paddedSeconds()));
        json.set("step_seconds", SpreadText.json(result.seconds()));
        json.set("time_ratio", SpreadText.json(result.ratio()));
        output.result(json, text(result));
        return ExitCode.DONE;
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
