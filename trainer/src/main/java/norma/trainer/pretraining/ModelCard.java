package norma.trainer.pretraining;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import norma.datasets.base.NormaVersion;
import norma.datasets.pretraining.PretrainingData;
import norma.trainer.checkpoint.CardText;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.step.Learner;

/**
 * The model card of a checkpoint of a pre-training.
 *
 * @param config of the run
 * @param huggingFaceClass the class that opens the checkpoint
 * @param data what it was trained on
 */
record ModelCard(RunConfig config, String huggingFaceClass, PretrainingData data) {
    /**
     * The card of a checkpoint.
     *
     * @param evaluation at this very step; null if there was none
     * @param outliers by the paper's rule at this step
     */
    String text(long step, Learner.Evaluation evaluation, List<OutlierDimension> outliers) {
        return CardText.written(frontMatter(step, evaluation))
                + String.format(Locale.ROOT, "# %s at step %,d\n\n", huggingFaceClass, step)
                + String.format(
                        Locale.ROOT,
                        "Pre-trained from random weights by Norma %s: step %,d of %,d, %d sequences of at most %d tokens a step.\n\n",
                        NormaVersion.text(),
                        step,
                        config.training().steps(),
                        config.training().batchSize(),
                        config.data().sequenceLength())
                + CardText.usage(huggingFaceClass)
                + text()
                + metrics(evaluation)
                + CardText.outliers(outliers)
                + "## Settings\n\n```yaml\n" + RunConfigYaml.writeWithoutPaths(config) + "```\n";
    }

    private ObjectNode frontMatter(long step, Learner.Evaluation evaluation) {
        ObjectNode front =
                CardText.front(task(), List.of(config.model().modelType(), "layernorm", "outlier-dimensions"));
        if (evaluation != null) {
            ArrayNode names = front.putArray("metrics");
            ArrayNode values = JsonNodeFactory.instance.arrayNode();
            add(names, values, "loss", evaluation.loss());
            add(names, values, "perplexity", evaluation.perplexity());
            add(names, values, "accuracy", evaluation.tokens().accuracy());
            if (task().isPresent() && !values.isEmpty()) {
                ObjectNode model = front.putArray("model-index").addObject();
                model.put("name", huggingFaceClass + "-step-" + step);
                ObjectNode result = model.putArray("results").addObject();
                result.putObject("task").put("type", task().get());
                result.putObject("dataset")
                        .put("type", config.data().corpus())
                        .put("name", "held-out split of " + config.data().corpus());
                result.set("metrics", values);
            }
        }
        return front;
    }

    private static void add(ArrayNode names, ArrayNode values, String name, double value) {
        if (Double.isFinite(value)) {
            names.add(name);
            values.addObject().put("type", name).put("value", value);
        }
    }

    /** The Hub's name of what the class does; empty where it has none. */
    private Optional<String> task() {
        if (huggingFaceClass.endsWith("ForMaskedLM") || huggingFaceClass.equals("BertForPreTraining")) {
            return Optional.of("fill-mask");
        }
        return huggingFaceClass.endsWith("LMHeadModel") ? Optional.of("text-generation") : Optional.empty();
    }

    private String text() {
        return String.format(
                Locale.ROOT,
                """
                ## Text

                | corpus | documents | training tokens | held-out tokens | SHA-256 of the text | SHA-256 of the tokenizer |
                |---|---|---|---|---|---|
                | %s | %,d | %,d | %,d | `%s` | `%s` |

                """,
                config.data().corpus(),
                data.documents(),
                data.trainingTokens(),
                data.validationTokens(),
                data.corpusSha256(),
                data.tokenizerSha256());
    }

    private static String metrics(Learner.Evaluation evaluation) {
        if (evaluation == null) {
            return "## Evaluation\n\nNot evaluated at this step.\n\n";
        }
        StringBuilder table = new StringBuilder("""
                ## Evaluation

                On held-out text; losses are mean cross-entropies in nats.

                | what is predicted | loss | perplexity | accuracy | predictions |
                |---|---|---|---|---|
                """);
        for (Learner.TermScore term : evaluation.terms()) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.4f | %s | %.4f | %,d |\n",
                    term.name(),
                    term.loss(),
                    term.equals(evaluation.tokens()) ? String.format(Locale.ROOT, "%.2f", evaluation.perplexity()) : "",
                    term.accuracy(),
                    term.predictions()));
        }
        return table.append('\n').toString();
    }
}
