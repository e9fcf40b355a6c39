package norma.cli.training;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import norma.probes.ablation.Cost;
import norma.probes.damage.ClosingDamage;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.VectorStatistics;
import norma.trainer.pretraining.RunSummary;
import norma.trainer.step.Learner;

/** How a run stands at its end, for people and as JSON. */
final class RunReport {
    private static final int SHORTEST_NAME = 26;

    private RunReport() {}

    /** A few lines and a table of the LayerNorm sites. */
    static String text(RunSummary summary, Closing closing) {
        StringBuilder text = new StringBuilder();
        line(
                text,
                summary.interrupted() ? "Stopped at step %,d of %,d, with a checkpoint." : "Done: step %,d of %,d.",
                summary.step(),
                summary.steps());
        Learner.Evaluation evaluation = summary.evaluation();
        if (!Double.isNaN(summary.trainingLoss())) {
            line(text, "Training loss   %.3f", summary.trainingLoss());
        }
        if (evaluation != null && evaluation.tokens().predictions() > 0) {
            line(
                    text,
                    "Validation loss %.3f (%sperplexity %.1f, accuracy %.1f %%)",
                    evaluation.loss(),
                    summary.evaluationStep() == summary.step()
                            ? ""
                            : String.format(Locale.ROOT, "of step %,d; ", summary.evaluationStep()),
                    evaluation.perplexity(),
                    100 * evaluation.tokens().accuracy());
            for (Learner.TermScore more : evaluation.others()) {
                line(text, "           %s %.3f (accuracy %.1f %%)", more.name(), more.loss(), 100 * more.accuracy());
            }
        }
        line(text, "");
        line(text, "LayerNorm, largest |z| (dimension):");
        int name =
                summary.sites().stream().mapToInt(site -> site.site().length()).reduce(SHORTEST_NAME, Math::max);
        String row = "  %-" + name + "s%16s%18s";
        line(text, row, "site", "weight", "bias");
        for (SiteStatistics site : summary.sites()) {
            line(text, row, site.site(), extreme(site.weight()), extreme(site.bias()));
        }
        line(text, "Outlier dimensions by the paper's rule: %s", outliers(summary));
        line(text, "");
        closing.damage().ifPresent(measured -> damage(text, measured, summary));
        closing.missing().ifPresent(sentence -> missing(text, sentence, closing.command()));
        if (summary.figure() != null) {
            line(text, "Figure:     %s", summary.figure());
        }
        line(text, "Run folder: %s", summary.folder());
        if (summary.interrupted()) {
            line(text, "Resume it:  ./norma resume %s", summary.folder());
        }
        return text.toString().stripTrailing();
    }

    /** The same with full precision. */
    static ObjectNode json(RunSummary summary, Closing closing) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("run", summary.folder().toString());
        json.put("step", summary.step());
        json.put("steps", summary.steps());
        json.put("interrupted", summary.interrupted());
        put(json, "loss", summary.trainingLoss());
        Learner.Evaluation evaluation = summary.evaluation();
        if (evaluation != null) {
            ObjectNode validation = json.putObject("validation");
            validation.put("step", summary.evaluationStep());
            put(validation, evaluation.tokens().name() + "_loss", evaluation.loss());
            put(validation, "perplexity", evaluation.perplexity());
            put(validation, "accuracy", evaluation.tokens().accuracy());
            validation.put("predictions", evaluation.tokens().predictions());
            for (Learner.TermScore more : evaluation.others()) {
                put(validation, more.name() + "_loss", more.loss());
                put(validation, more.name() + "_accuracy", more.accuracy());
            }
        }
        ObjectNode sites = json.putObject("sites");
        for (SiteStatistics site : summary.sites()) {
            ObjectNode entry = sites.putObject(site.site());
            for (Part part : Part.values()) {
                if (site.of(part) == null) {
                    entry.putNull(part.label());
                } else {
                    statistics(entry.putObject(part.label()), site.of(part));
                }
            }
        }
        ArrayNode outliers = json.putArray("outlier_dimensions");
        summary.outliers().forEach(outlier -> outliers.add(outlier.dimension()));
        json.set("damage", closing.damage().map(ClosingDamage::json).orElse(null));
        json.put("damage_missing", closing.missing().orElse(null));
        json.put("figure", summary.figure() == null ? null : summary.figure().toString());
        return json;
    }

    private static void damage(StringBuilder text, ClosingDamage damage, RunSummary summary) {
        Cost cost = damage.cost();
        line(text, "What the model loses, on %,d held-out sequences (nats):", damage.sequences());
        String costliest = damage.dimensions().stream().map(String::valueOf).collect(Collectors.joining(" and "));
        line(text, "  %-44s%+.3f", "without " + costliest + ", the costliest of " + damage.width(), cost.nats());
        line(
                text,
                "  %-44s%+.3f ± %.3f",
                "without as many others at random, " + damage.draws() + " draws",
                cost.random(),
                damage.spread());
        if (!Double.isNaN(cost.ratio())) {
            line(text, "  %-44s%.1f times", "", cost.ratio());
        }
        if (damage.ofTokens()) {
            line(text, meaning(cost));
        }
        line(text, "At each checkpoint: ./norma ablate %s --checkpoints all --dims costliest:2", summary.folder());
        line(text, "");
    }

    private static void missing(StringBuilder text, String sentence, Optional<String> command) {
        line(text, "%s", sentence);
        command.ifPresent(words -> line(text, "It is measured by: ./%s", words));
        line(text, "");
    }

    /** In BERT-base, docs/bert-base.md: two dimensions 2.38 nats, random ones 0.0006. */
    private static String meaning(Cost cost) {
        if (cost.catastrophic()) {
            return "Two dimensions break this model: at least 1 nat and 10 times others, as in BERT-base (+2.38).";
        }
        return "In BERT-base two dimensions cost +2.38 and others nothing; configs/emergence.yaml trains a model like that.";
    }

    private static void statistics(ObjectNode json, VectorStatistics statistics) {
        put(json, "largest_z", statistics.largestZ());
        json.put("dimension", statistics.dimension());
        json.put("beyond_3_sigma", statistics.beyond());
    }

    /** JSON has no word for NaN. */
    private static void put(ObjectNode json, String key, double value) {
        if (Double.isFinite(value)) {
            json.put(key, value);
        } else {
            json.putNull(key);
        }
    }

    private static String outliers(RunSummary summary) {
        return summary.outliers().isEmpty()
                ? "none so far"
                : summary.outliers().stream()
                        .map(OutlierDimension::dimension)
                        .map(String::valueOf)
                        .collect(Collectors.joining(", "));
    }

    private static String extreme(VectorStatistics statistics) {
        return statistics == null
                ? "-"
                : String.format(Locale.ROOT, "%.1f (%d)", Math.abs(statistics.largestZ()), statistics.dimension());
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
