package norma.cli.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import norma.cli.terminal.OutputOptions;
import norma.trainer.bench.PowerLaw;
import norma.trainer.bench.ScalingBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Times how a step's cost grows with the work. */
@Command(
        name = "scaling",
        description = {
            "Tests whether a step's time grows as its arithmetic does.",
            "Times the steps of a configuration, and of 2, 4 and 8 times its batch, width, layers or vocabulary, in turns within one process, and fits the exponents of the time and of the useful operations."
        },
        footer = {
            "  norma bench scaling configs/bert-tiny.yaml",
            "  norma bench scaling configs/bert-tiny.yaml --rounds 5 --json"
        })
final class BenchScalingCommand implements Callable<Integer> {
    @Mixin
    private RoundsOptions options;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        return options.report(output, ScalingBenchmark::run, BenchScalingCommand::json, BenchScalingCommand::text);
    }

    private static void json(List<ScalingBenchmark.Growth> growths, ObjectNode json) {
        ArrayNode axes = json.putArray("axes");
        growths.forEach(growth -> axes.add(json(growth, axes.objectNode())));
    }

    private static ObjectNode json(ScalingBenchmark.Growth growth, ObjectNode json) {
        json.put("axis", name(growth));
        ArrayNode points = json.putArray("points");
        for (ScalingBenchmark.Point point : growth.points()) {
            ObjectNode one = points.addObject();
            one.put("value", point.value());
            one.put("useful_flops", point.usefulFlops());
            one.set("step_seconds", SpreadText.json(point.stepSeconds()));
        }
        put(json.putObject("time_law"), growth.time(), growth.lastTimeExponent());
        put(json.putObject("useful_flops_law"), growth.flops(), growth.lastFlopsExponent());
        return json;
    }

    private static void put(ObjectNode json, PowerLaw law, double last) {
        json.put("exponent", law.exponent());
        json.put("exponent_of_last_two", last);
        json.put("r_squared", law.rSquared());
        json.put("largest_residual", law.largestResidual());
    }

    private static String name(ScalingBenchmark.Growth growth) {
        return growth.axis().name().toLowerCase(Locale.ROOT);
    }

    private static String text(List<ScalingBenchmark.Growth> growths) {
        List<String> lines = new ArrayList<>();
        for (ScalingBenchmark.Growth growth : growths) {
            lines.add(String.format(
                    Locale.ROOT, "%-18s %28s %14s %10s", name(growth), "step, ms", "useful GFLOP", "GFLOP/s"));
            for (ScalingBenchmark.Point point : growth.points()) {
                lines.add(String.format(
                        Locale.ROOT,
                        "%,18d %28s %14.2f %10.1f",
                        point.value(),
                        SpreadText.of(point.stepSeconds(), 1e3, 1),
                        point.usefulFlops() / 1e9,
                        point.usefulFlops() / 1e9 / point.stepSeconds().median()));
            }
            lines.add(line("time", growth.time(), growth.lastTimeExponent()));
            lines.add(line("useful operations", growth.flops(), growth.lastFlopsExponent()));
            lines.add("");
        }
        lines.add("min / median / max over the rounds; an exponent is that of the whole range (of the last two)");
        return String.join("\n", lines);
    }

    private static String line(String what, PowerLaw law, double last) {
        return String.format(
                Locale.ROOT,
                "  %-17s exponent %.2f (%.2f), R\u00b2 %.4f, off the law by at most %.1f %%",
                what,
                law.exponent(),
                last,
                law.rSquared(),
                100 * law.largestResidual());
    }
}
