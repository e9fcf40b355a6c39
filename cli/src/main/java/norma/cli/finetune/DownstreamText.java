package norma.cli.finetune;

import java.util.Locale;
import java.util.Optional;
import norma.datasets.base.Counted;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.downstream.DownstreamCurve;
import norma.probes.downstream.DownstreamPoint;
import norma.trainer.finetuning.FinetuningSummary.Spread;

/** A task's score along pre-training, as a table for people. */
final class DownstreamText {
    private DownstreamText() {}

    static String of(DownstreamCurve curve) {
        String score = curve.evaluation().headline();
        StringBuilder text = new StringBuilder();
        line(text, "");
        line(text, curve.evaluation().words());
        line(text, "");
        line(
                text,
                "%10s  %-44s  %20s",
                "step",
                "switched off after fine-tuning",
                score + ", " + Counted.of(curve.points().get(0).seeds().size(), "seed"));
        for (DownstreamPoint point : curve.points()) {
            line(
                    text,
                    "%10s  %-44s  %20s",
                    String.format(Locale.ROOT, "%,d", point.step()),
                    "nothing",
                    cell(point.full(score)));
            for (String name : point.names()) {
                Optional<Spread> spread = point.ablated(name, score);
                String dimensions = spread.isEmpty() ? "no dimension" : DimensionChoice.listed(point.dimensions(name));
                line(
                        text,
                        "%10s  %-44s  %20s",
                        "",
                        name + ": " + dimensions,
                        spread.map(DownstreamText::cell).orElse(""));
            }
            for (String others : point.baselines()) {
                line(
                        text,
                        "%10s  %-44s  %20s",
                        "",
                        others + ", all draws of all seeds",
                        cell(point.baseline(others, score).orElseThrow()));
            }
        }
        if (curve.points().get(0).seeds().size() > 1) {
            line(text, "");
            line(text, "±: sample standard deviation (n - 1)");
        }
        return text.toString().stripTrailing();
    }

    private static String cell(Spread spread) {
        return Double.isNaN(spread.deviation())
                ? String.format(Locale.ROOT, "%.4f", spread.mean())
                : String.format(Locale.ROOT, "%.4f ± %.4f", spread.mean(), spread.deviation());
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
                .append('\n');
    }
}
