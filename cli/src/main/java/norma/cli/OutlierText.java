package norma.cli;

import java.util.List;
import java.util.Locale;
import norma.probes.outliers.Finding;
import norma.probes.outliers.FrequencyCorrelation;
import norma.probes.outliers.OutlierReport;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.SiteStatistics;

/** Outliers as tables for people. */
final class OutlierText {
    private OutlierText() {}

    static String of(OutlierReport report) {
        StringBuilder text = new StringBuilder();
        line(text, "%-28s%18s%18s", "LayerNorm, largest |z| (dim.)", "weight", "bias");
        for (SiteStatistics site : report.sites()) {
            line(
                    text,
                    "  %-26s%18s%18s",
                    site.site(),
                    z(site.weight().largestZ(), site.weight().dimension()),
                    z(site.bias().largestZ(), site.bias().dimension()));
        }
        text.append('\n');
        line(
                text,
                "Outlier dimensions: |z| > %s of weight %s bias in more than %s of the layers' outputs",
                report.rule().sigma(),
                report.rule().combination().name().toLowerCase(Locale.ROOT),
                report.rule().fraction());
        for (OutlierDimension dimension : report.dimensions()) {
            line(
                    text,
                    "  %5d  in %d of %d layers; farthest z: weight %.1f, bias %.1f",
                    dimension.dimension(),
                    dimension.sites().size(),
                    report.layers(),
                    dimension.weightZ(),
                    dimension.biasZ());
        }
        if (report.dimensions().isEmpty()) {
            line(text, "  none");
        }
        text.append('\n');
        line(text, "%-30s%-22s%s", "Definition", "dimensions", "value of a layer: smallest to largest");
        for (Finding finding : report.findings()) {
            line(
                    text,
                    "  %-28s%-22s%s",
                    finding.definition().key(),
                    dimensions(finding.dimensions()),
                    range(finding.perLayer()));
        }
        if (report.activations() == null) {
            line(text, "  (definitions that look at activations need text: --eval)");
        }
        for (FrequencyCorrelation frequency : report.frequency()) {
            line(
                    text,
                    "%nLog frequency of %,d token types against mean |x| at %d, Spearman, embeddings and layers:%n  %s",
                    frequency.types(),
                    frequency.dimension(),
                    String.join(
                            " ",
                            frequency.layers().stream()
                                    .map(pair -> String.format(Locale.ROOT, "%.2f", pair.spearman()))
                                    .toList()));
        }
        return text.toString().stripTrailing();
    }

    private static String dimensions(List<Integer> dimensions) {
        if (dimensions.isEmpty()) {
            return "none";
        }
        String all = String.join(
                ", ", dimensions.stream().limit(4).map(String::valueOf).toList());
        return dimensions.size() > 4 ? all + ", … " + dimensions.size() : all;
    }

    private static String range(List<Double> values) {
        if (values.isEmpty()) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                "%.2f to %.2f",
                values.stream().mapToDouble(Double::doubleValue).min().orElseThrow(),
                values.stream().mapToDouble(Double::doubleValue).max().orElseThrow());
    }

    private static String z(double z, int dimension) {
        return String.format(Locale.ROOT, "%.1f (%d)", Math.abs(z), dimension);
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
