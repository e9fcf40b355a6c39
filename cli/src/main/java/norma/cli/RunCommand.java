package norma.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.function.Function;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.VectorStatistics;
import norma.trainer.pretraining.Learner;
import norma.trainer.pretraining.Pretraining;
import norma.trainer.pretraining.RunSummary;
import norma.trainer.pretraining.StopRequest;

/** Training as a command: signals, display, summary, exit code. */
final class RunCommand {
    private RunCommand() {}

    /** Trains with the first Ctrl-C or SIGTERM asking for a stop and the second one ending the process at once. */
    static int run(OutputOptions output, Function<Pretraining, RunSummary> training) {
        StopRequest stop = new StopRequest();
        try (ProgressDisplay progress = output.progress()) {
            RunDisplay display = new RunDisplay(output, progress);
            onSignals(() -> {
                if (stop.isRequested()) {
                    Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
                }
                stop.request();
                output.say("stopping after this step; once more stops at once");
            });
            RunSummary summary = training.apply(new Pretraining(stop, display));
            progress.finish();
            output.say(text(summary));
            output.result(json(summary));
            return summary.interrupted() ? ExitCode.INTERRUPTED : ExitCode.DONE;
        }
    }

    /** A shutdown hook would not do: the machine is then ending already, and hears no second signal. */
    private static void onSignals(Runnable action) {
        for (String name : new String[] {"INT", "TERM"}) {
            sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> action.run());
        }
    }

    private static String text(RunSummary summary) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s %s at step %,d of %,d%n",
                summary.folder(),
                summary.interrupted() ? "stopped" : "finished",
                summary.step(),
                summary.steps()));
        if (!Double.isNaN(summary.trainingLoss())) {
            text.append(String.format(Locale.ROOT, "training loss     %.4f%n", summary.trainingLoss()));
        }
        Learner.Evaluation evaluation = summary.evaluation();
        if (evaluation != null) {
            text.append(String.format(
                    Locale.ROOT,
                    "validation loss   %.4f (perplexity %.1f, accuracy %.4f)%n",
                    evaluation.maskedLmLoss(),
                    evaluation.perplexity(),
                    evaluation.accuracy()));
        }
        text.append(String.format("%n%-28s%16s%16s%n", "LayerNorm site", "weight z (dim)", "bias z (dim)"));
        for (SiteStatistics site : summary.sites()) {
            text.append(String.format("%-28s%16s%16s%n", site.site(), cell(site.weight()), cell(site.bias())));
        }
        text.append(String.format("%noutlier dimensions by the paper's rule: %s%n", outliers(summary)));
        if (summary.figure() != null) {
            text.append("figure            ").append(summary.figure()).append(System.lineSeparator());
        }
        return text.append("run folder        ").append(summary.folder()).toString();
    }

    private static String cell(VectorStatistics statistics) {
        return String.format(Locale.ROOT, "%.1f (%d)", statistics.largestZ(), statistics.dimension());
    }

    private static String outliers(RunSummary summary) {
        if (summary.outliers().isEmpty()) {
            return "none so far";
        }
        StringBuilder text = new StringBuilder();
        for (OutlierDimension outlier : summary.outliers()) {
            text.append(text.length() == 0 ? "" : ", ")
                    .append(outlier.dimension())
                    .append(" (")
                    .append(outlier.sites().size())
                    .append(" layers)");
        }
        return text.toString();
    }

    private static ObjectNode json(RunSummary summary) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("run", summary.folder().toString());
        json.put("step", summary.step());
        json.put("steps", summary.steps());
        json.put("interrupted", summary.interrupted());
        number(json, "loss", summary.trainingLoss());
        Learner.Evaluation evaluation = summary.evaluation();
        if (evaluation != null) {
            ObjectNode validation = json.putObject("validation");
            number(validation, "mlm_loss", evaluation.maskedLmLoss());
            number(validation, "perplexity", evaluation.perplexity());
            number(validation, "accuracy", evaluation.accuracy());
            validation.put("predictions", evaluation.predictions());
        }
        ObjectNode sites = json.putObject("sites");
        for (SiteStatistics site : summary.sites()) {
            ObjectNode entry = sites.putObject(site.site());
            vector(entry.putObject("weight"), site.weight());
            vector(entry.putObject("bias"), site.bias());
        }
        ArrayNode outliers = json.putArray("outlier_dimensions");
        summary.outliers().forEach(outlier -> outliers.add(outlier.dimension()));
        json.put("figure", summary.figure() == null ? null : summary.figure().toString());
        return json;
    }

    private static void vector(ObjectNode json, VectorStatistics statistics) {
        number(json, "largest_z", statistics.largestZ());
        json.put("dimension", statistics.dimension());
        json.put("beyond_3_sigma", statistics.beyond());
    }

    private static void number(ObjectNode json, String key, double value) {
        if (Double.isFinite(value)) {
            json.put(key, value);
        } else {
            json.putNull(key);
        }
    }
}
