package norma.probes.outliers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import norma.datasets.base.Counted;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.VectorStatistics;
import norma.trainer.model.LayerNormSite.Stack;

/** A report as tables for people. */
public final class OutlierText {
    static final String PAPER = "layernorm_rule";

    private static final String NONE = "-"; // of what a site does not have
    private static final int SHOWN = 6;

    private OutlierText() {}

    /** All of it, without a line end at the end. */
    public static String of(OutlierReport report) {
        List<String> lines = new ArrayList<>();
        lines.add(report.rule().sentence() + ":");
        report.rule().ofOneVector().ifPresent(words -> lines.add("  " + words));
        found(lines, report.dimensions(), report.of());
        for (StackOutliers stack : report.stacks()) {
            lines.add(line(
                    "in more than %s of %s of the %s:",
                    report.rule().rule().fraction(),
                    Counted.of(stack.of(), "site"),
                    stack.stack().label()));
            found(lines, stack.dimensions(), stack.of());
        }
        sites(lines, report);
        definitions(lines, report);
        frequency(lines, report);
        return String.join(System.lineSeparator(), lines);
    }

    private static void found(List<String> lines, List<OutlierDimension> dimensions, int of) {
        for (OutlierDimension found : dimensions) {
            lines.add(line(
                    "  dimension %d   %d of %d   z of weight %s, of bias %s",
                    found.dimension(), found.sites().size(), of, z(found.weightZ()), z(found.biasZ())));
        }
        if (dimensions.isEmpty()) {
            lines.add("  no dimension");
        }
    }

    private static String z(Double z) {
        return z == null ? NONE : line("%+.1f", z);
    }

    private static void sites(List<String> lines, OutlierReport report) {
        lines.add("");
        lines.add(
                line("%-26s %34s   %34s", "site", "weight: largest z (dim), beyond", "bias: largest z (dim), beyond"));
        for (SiteStatistics site : report.sites()) {
            lines.add(line("%-26s %34s   %34s", site.site(), vector(site.weight()), vector(site.bias())));
        }
    }

    private static String vector(VectorStatistics vector) {
        if (vector == null) {
            return NONE;
        }
        return vector.dimension() < 0
                ? "not finite"
                : line("%+.1f (%d), %d", vector.largestZ(), vector.dimension(), vector.beyond());
    }

    private static void definitions(List<String> lines, OutlierReport report) {
        lines.add("");
        lines.add(line("%-34s %-34s %s", "definition", "figure", "dimensions (places)"));
        lines.add(line(
                "%-34s %-34s %s",
                PAPER,
                "",
                report.dimensions().isEmpty()
                        ? "none"
                        : String.join(
                                ", ",
                                report.dimensions().stream()
                                        .map(d ->
                                                d.dimension() + " (" + d.sites().size() + ")")
                                        .toList())));
        for (Finding finding : report.findings()) {
            lines.add(line("%-34s %-34s %s", finding.name(), figure(finding), dimensions(finding)));
        }
    }

    private static String figure(Finding finding) {
        Map<String, Double> values = finding.values();
        if (finding.perLayer().isEmpty() && values.containsKey("mean")) {
            return NONE;
        }
        if (values.containsKey("top_1")) {
            return line(
                    "%.1f %.1f %.1f, median %.3f",
                    values.get("top_1"), values.get("top_2"), values.get("top_3"), values.get("median"));
        }
        if (values.containsKey("mean")) {
            return line("mean %.1f, largest %.1f", values.get("mean"), values.get("largest"));
        }
        return line("%.0f found", values.get("dimensions"));
    }

    private static String dimensions(Finding finding) {
        if (finding.dimensions().isEmpty()) {
            return "none";
        }
        List<String> words = new ArrayList<>();
        finding.dimensions().forEach((dimension, count) -> words.add(dimension + " (" + count + ")"));
        String shown = String.join(", ", words.subList(0, Math.min(SHOWN, words.size())));
        return words.size() > SHOWN ? shown + " and " + (words.size() - SHOWN) + " more" : shown;
    }

    private static void frequency(List<String> lines, OutlierReport report) {
        if (!report.hasActivations()) {
            return;
        }
        lines.add("");
        lines.add(line(
                "|x| at a dimension against ln(frequency) over %,d token types (Pearson / Spearman)", report.types()));
        for (TokenFrequency.Result result : report.frequency()) {
            lines.add(line(
                    "dimension %d: %s%s",
                    result.dimension(),
                    result.embedding() == null
                            ? "" // the word embeddings have other dimensions
                            : line(
                                    "word embedding %.2f/%.2f; ",
                                    result.embedding().pearson(),
                                    result.embedding().spearman()),
                    String.join(
                            "; ",
                            report.states().stacks().stream()
                                    .map(stack -> correlations(report, result, stack))
                                    .toList())));
        }
    }

    /** Of the hidden states of a stack, which is named where there are several. */
    private static String correlations(OutlierReport report, TokenFrequency.Result result, Stack stack) {
        List<String> cells = new ArrayList<>();
        String of = "";
        for (int place = 0; place < report.states().size(); place++) {
            HiddenStates.State state = report.states().all().get(place);
            if (state.stack() == stack) {
                Correlation layer = result.layers().get(place);
                cells.add(line("%.2f/%.2f", layer.pearson(), layer.spearman()));
                of = report.states().stacks().size() > 1 ? "of the " + state.stackLabel() + " " : "";
            }
        }
        return line("hidden states %s0 to %d: %s", of, cells.size() - 1, String.join("  ", cells));
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
