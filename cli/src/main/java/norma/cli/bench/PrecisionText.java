package norma.cli.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import norma.trainer.bench.PrecisionBenchmark;
import norma.trainer.model.Precision;

/** What a step costs in several precisions, for people and as JSON. */
final class PrecisionText {
    private PrecisionText() {}

    /** {@code precisions}, and {@code A_over_B} for the first beside each of the others. */
    static ObjectNode json(String config, Map<Precision, PrecisionBenchmark.Result> results) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("config", config);
        ObjectNode precisions = json.putObject("precisions");
        results.forEach((precision, result) -> {
            ObjectNode one = precisions.putObject(precision.toString());
            one.set("step_seconds", SpreadText.json(result.stepSeconds()));
            one.put("matrix_product_gigaflops", result.peakGigaflops());
            one.put("fraction_of_peak", result.fractionOfPeak());
        });
        List<Precision> order = List.copyOf(results.keySet());
        order.stream()
                .skip(1)
                .forEach(other -> json.put(order.get(0) + "_over_" + other, ratio(results, order.get(0), other)));
        return json;
    }

    /** A line for each, and one for each ratio. */
    static String of(Map<Precision, PrecisionBenchmark.Result> results) {
        StringBuilder text = new StringBuilder();
        results.forEach((precision, result) -> text.append(String.format(
                Locale.ROOT,
                "%-8s step %28s ms, %.3f of the matrix products' %,.0f GFLOP/s%n",
                precision,
                SpreadText.of(result.stepSeconds(), 1e3, 1),
                result.fractionOfPeak(),
                result.peakGigaflops())));
        List<Precision> order = List.copyOf(results.keySet());
        order.stream()
                .skip(1)
                .forEach(other -> text.append(String.format(
                        Locale.ROOT,
                        "%s over %s: %.3f (median over median)%n",
                        order.get(0),
                        other,
                        ratio(results, order.get(0), other))));
        return text.append("min / median / max of rounds in turns").toString();
    }

    private static double ratio(Map<Precision, PrecisionBenchmark.Result> results, Precision one, Precision other) {
        return results.get(one).stepSeconds().median()
                / results.get(other).stepSeconds().median();
    }
}
