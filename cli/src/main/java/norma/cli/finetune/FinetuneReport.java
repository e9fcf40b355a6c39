package norma.cli.finetune;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import norma.datasets.metrics.Metric;
import norma.trainer.finetuning.AgainstParent;
import norma.trainer.finetuning.FinetuningSummary;
import norma.trainer.finetuning.SeedResult;
import norma.trainer.layernorm.OutlierDimension;

/** How a fine-tuning stands at its end, for people. */
final class FinetuneReport {
    private FinetuneReport() {}

    static String text(FinetuningSummary summary) {
        StringBuilder text = new StringBuilder();
        if (summary.interrupted()) {
            line(text, "Stopped, with a checkpoint. Go on with: ./norma resume %s", summary.folder());
            return text.toString().stripTrailing();
        }
        boolean one = summary.seeds().size() == 1;
        line(
                text,
                one ? "%s, best epoch of one seed:" : "%s, best epoch of each of %d seeds:",
                summary.task().name(),
                summary.seeds().size());
        line(text, "  %-16s%-22s%10s%10s%12s", "split", "metric", one ? "score" : "mean", one ? "" : "std", "majority");
        for (int split = 0; split < summary.task().devs().size(); split++) {
            String name = summary.task().devs().get(split).name();
            for (Metric metric : summary.task().metrics()) {
                FinetuningSummary.Spread spread = summary.spread(split, metric);
                line(
                        text,
                        "  %-16s%-22s%10.4f%10s%12.4f",
                        name,
                        metric.key(),
                        spread.mean(),
                        one ? "" : String.format(Locale.ROOT, "%.4f", spread.deviation()),
                        summary.baseline().get(name).get(metric));
            }
        }
        if (!one) {
            line(text, "  std: sample standard deviation over the seeds (n - 1)");
        }
        for (SeedResult seed : summary.seeds()) {
            line(text, "  seed %d: epoch %d, %s", seed.seed(), seed.best().epoch(), seed.checkpoint());
        }
        againstParent(text, summary.seeds().get(0));
        line(text, "");
        line(text, "Run folder: %s", summary.folder());
        return text.toString().stripTrailing();
    }

    private static void againstParent(StringBuilder text, SeedResult seed) {
        AgainstParent against = seed.againstParent();
        line(text, "");
        line(text, "Against the pre-trained model (seed %d):", seed.seed());
        line(text, "  outlier dimensions before %s, after %s", list(against.parent()), list(against.child()));
        line(text, "  LayerNorm, largest change (dimension; in standard deviations of the vector before):");
        line(text, "  %-26s%26s%28s", "site", "weight", "bias");
        for (AgainstParent.SiteMovement site : against.sites()) {
            line(text, "  %-26s%26s%28s", site.site(), change(site.weight()), change(site.bias()));
        }
    }

    private static String change(AgainstParent.Movement movement) {
        return movement == null
                ? "-"
                : String.format(
                        Locale.ROOT,
                        "%+.4f (%d; %+.2f)",
                        movement.change(),
                        movement.dimension(),
                        movement.deviations());
    }

    private static String list(List<OutlierDimension> outliers) {
        return outliers.isEmpty()
                ? "none"
                : outliers.stream()
                        .map(outlier -> Integer.toString(outlier.dimension()))
                        .collect(Collectors.joining(", "));
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
