package norma.cli.probes;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import norma.probes.emergence.Departure;
import norma.probes.emergence.EmergedDimension;
import norma.probes.emergence.Emergence;
import norma.probes.emergence.LossesAtSteps;
import norma.probes.emergence.StackEmergence;

/** Emergence as tables for people. */
final class EmergenceText {
    private static final int SHOWN = 3;

    private EmergenceText() {}

    /**
     * One run.
     *
     * @param losses of the run, or null
     */
    static String of(String run, Emergence emergence, LossesAtSteps losses) {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "%s: steps %,d to %,d, every %s",
                run,
                emergence.firstStep(),
                emergence.lastStep(),
                emergence.every() == 1 ? "step" : emergence.every() + " steps");
        if (losses != null) {
            losses.plateau().ifPresent(plateau -> line(text, "%s", plateau.sentence()));
        }
        emergence.gaps().forEach(gap -> line(text, "  not recorded: steps %,d to %,d", gap.from(), gap.to()));
        emergence
                .notFinite()
                .forEach(span -> line(
                        text,
                        "  NaN or infinity in a vector, which satisfies nothing: steps %,d to %,d",
                        span.from(),
                        span.to()));
        line(
                text,
                "%nOutlier dimensions at any step, %s:",
                emergence.ruleDescription().sentence());
        emergence.ruleDescription().ofOneVector().ifPresent(words -> line(text, "  %s", words));
        dimensions(text, emergence.dimensions());
        for (StackEmergence stack : emergence.stacks()) {
            line(
                    text,
                    "in more than %s of %d sites of the %s:",
                    emergence.rule().fraction(),
                    stack.layers(),
                    stack.stack().label());
            dimensions(text, stack.dimensions());
        }
        line(
                text,
                "%nBeyond %s standard deviations to the end of the recording, the most extreme of each site:",
                emergence.rule().sigma());
        line(text, "  %-28s%10s%14s%10s%14s%10s", "site", "dimension", "weight since", "z", "bias since", "z");
        for (String site : emergence.siteNames()) {
            List<Departure> here = emergence.departures().stream()
                    .filter(departure -> departure.site().equals(site))
                    .sorted(Comparator.comparingDouble(departure -> -departure.extremity()))
                    .limit(SHOWN)
                    .toList();
            for (Departure departure : here) {
                line(
                        text,
                        "  %-28s%10d%14s%10s%14s%10s",
                        site,
                        departure.dimension(),
                        step(departure.weightStep()),
                        z(departure.weightZ()),
                        step(departure.biasStep()),
                        z(departure.biasZ()));
            }
        }
        return text.toString().stripTrailing();
    }

    private static void dimensions(StringBuilder text, List<EmergedDimension> dimensions) {
        for (EmergedDimension dimension : dimensions) {
            line(
                    text,
                    "  %5d  %s; first at step %,d; crossings: %d; order: %s",
                    dimension.dimension(),
                    dimension.emergenceStep() == null
                            ? "not at the end"
                            : String.format(Locale.ROOT, "emerged at step %,d", dimension.emergenceStep()),
                    dimension.firstStep(),
                    dimension.crossings(),
                    String.join(", ", dimension.order()));
            if (dimension.rise() != null) {
                rise(text, dimension.rise());
            }
        }
        if (dimensions.isEmpty()) {
            line(text, "  none");
        }
    }

    private static void rise(StringBuilder text, EmergedDimension.Rise rise) {
        line(
                text,
                "         first sign at step %,d; mean |z| of %s in %d layers when it emerged%s%s",
                rise.onsetStep(),
                both("weight %.1f", rise.weightZ(), "bias %.1f", rise.biasZ()),
                rise.layers(),
                Double.isNaN(rise.weightSpeed()) && Double.isNaN(rise.biasSpeed())
                        ? ""
                        : ", from there by " + both("%.2f", rise.weightSpeed(), "%.2f", rise.biasSpeed())
                                + " in 1,000 steps",
                rise.followsGap() ? "; it may have emerged in the gap before" : "");
    }

    /** Two figures, or the one that exists. */
    private static String both(String weightFormat, double weight, String biasFormat, double bias) {
        List<String> words = new ArrayList<>();
        if (!Double.isNaN(weight)) {
            words.add(String.format(Locale.ROOT, weightFormat, weight));
        }
        if (!Double.isNaN(bias)) {
            words.add(String.format(Locale.ROOT, biasFormat, bias));
        }
        return String.join(" and ", words);
    }

    /** What several runs have in common. */
    static String of(JsonNode together) {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "%n%d runs, %d without an outlier at the end",
                together.get("runs").asInt(),
                together.get("runs_without_outlier").asInt());
        JsonNode first = together.get("first_emergence_step");
        if (first.has("mean")) {
            line(
                    text,
                    "First emergence: step %,.0f%s (%,d to %,d)",
                    first.get("mean").asDouble(),
                    first.get("std").isNull()
                            ? ""
                            : String.format(
                                    Locale.ROOT, " ± %,.0f", first.get("std").asDouble()),
                    first.get("min").asLong(),
                    first.get("max").asLong());
        }
        line(
                text,
                "Positions shared by pairs of runs: %d; by chance %.2f",
                together.get("positions_shared_by_pairs").asInt(),
                together.get("expected_by_chance").asDouble());
        return text.toString().stripTrailing();
    }

    /** Of what the site has. */
    private static String z(Double z) {
        return z == null ? "-" : String.format(Locale.ROOT, "%.1f", z);
    }

    private static String step(Long step) {
        return step == null ? "-" : String.format(Locale.ROOT, "%,d", step);
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
