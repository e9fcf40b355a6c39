package norma.cli.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import norma.trainer.bench.TurnsBenchmark;

/** What steps of trainings in turns cost, for people and as JSON. */
final class TurnsText {
    private TurnsText() {}

    /**
     * {@code trainings}; {@code A_over_B}, the time of a step of the first over that of each of the others; and
     * {@code fraction_of_peak_over_A}, the fraction of each over that of the first.
     */
    static ObjectNode json(Map<String, TurnsBenchmark.Result> results) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode trainings = json.putObject("trainings");
        results.forEach((name, result) -> {
            ObjectNode one = trainings.putObject(name);
            one.put("precision", result.precision().toString());
            one.set("step_seconds", SpreadText.json(result.stepSeconds()));
            one.put("matrix_product_gigaflops", result.peakGigaflops());
            one.put("fraction_of_peak", result.fractionOfPeak());
        });
        String first = results.keySet().iterator().next();
        others(results).forEach(other -> json.put(first + "_over_" + other, time(results, first, other)));
        ObjectNode fractions = json.putObject("fraction_of_peak_over_" + first);
        others(results).forEach(other -> fractions.put(other, fraction(results, other, first)));
        return json;
    }

    /** A line for each, and one for each beside the first. */
    static String of(Map<String, TurnsBenchmark.Result> results) {
        int width = results.keySet().stream().mapToInt(String::length).max().orElseThrow();
        String first = results.keySet().iterator().next();
        StringBuilder text = new StringBuilder();
        results.forEach((name, result) -> text.append(String.format(
                Locale.ROOT,
                "%-" + width + "s  step %28s ms, %.3f of the matrix products' %,.0f GFLOP/s in %s%n",
                name,
                SpreadText.of(result.stepSeconds(), 1e3, 1),
                result.fractionOfPeak(),
                result.peakGigaflops(),
                result.precision())));
        others(results)
                .forEach(other -> text.append(String.format(
                        Locale.ROOT,
                        "%s over %s: %.3f of the time (median over median); %s has %.3f of %s's fraction%n",
                        first,
                        other,
                        time(results, first, other),
                        other,
                        fraction(results, other, first),
                        first)));
        return text.append("min / median / max of rounds in turns").toString();
    }

    private static List<String> others(Map<String, TurnsBenchmark.Result> results) {
        return results.keySet().stream().skip(1).toList();
    }

    private static double time(Map<String, TurnsBenchmark.Result> results, String one, String other) {
        return results.get(one).stepSeconds().median()
                / results.get(other).stepSeconds().median();
    }

    private static double fraction(Map<String, TurnsBenchmark.Result> results, String one, String other) {
        return results.get(one).fractionOfPeak() / results.get(other).fractionOfPeak();
    }
}
