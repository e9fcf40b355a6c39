package norma.trainer.pretraining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import norma.datasets.base.NormaVersion;
import norma.datasets.pretraining.PretrainingData;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.step.Learner;

/**
 * The model card of a checkpoint, {@code README.md}, with the front matter that the Hugging Face Hub reads. It names
 * neither the run nor a time, so that the same training writes the same bytes.
 *
 * <p>Source of the front matter's keys: Hugging Face Hub's documentation of model cards.
 *
 * @param config of the run
 * @param huggingFaceClass the class that opens the checkpoint
 * @param data what it was trained on
 */
record ModelCard(RunConfig config, String huggingFaceClass, PretrainingData data) {
    private static final YAMLMapper YAML = new YAMLMapper();

    /**
     * The card of a checkpoint.
     *
     * @param evaluation at this very step; null if there was none
     * @param outliers by the paper's rule at this step
     */
    String text(long step, Learner.Evaluation evaluation, List<OutlierDimension> outliers) {
        return frontMatter(step, evaluation) + "---\n\n"
                + String.format(Locale.ROOT, "# %s at step %,d\n\n", huggingFaceClass, step)
                + String.format(
                        Locale.ROOT,
                        "Pre-trained from random weights by Norma %s: step %,d of %,d, %d sequences of at most %d tokens a step.\n\n",
                        NormaVersion.text(),
                        step,
                        config.training().steps(),
                        config.training().batchSize(),
                        config.data().sequenceLength())
                + usage()
                + text()
                + metrics(evaluation)
                + outliers(outliers)
                + "## Settings\n\n```yaml\n" + RunConfigYaml.writeWithoutPaths(config) + "```\n";
    }

    /** YAML between two lines of dashes; the second is the caller's. */
    private String frontMatter(long step, Learner.Evaluation evaluation) {
        ObjectNode front = JsonNodeFactory.instance.objectNode();
        front.put("library_name", "transformers");
        front.put("license", "unknown"); // of the weights: that is for whoever publishes them to say
        task().ifPresent(task -> front.put("pipeline_tag", task));
        ArrayNode tags = front.putArray("tags");
        List.of("norma", config.model().modelType(), "layernorm", "outlier-dimensions")
                .forEach(tags::add);
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
        try {
            return YAML.writeValueAsString(front);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
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

    private String usage() {
        return """
                ```python
                from transformers import AutoTokenizer, %1$s
                model = %1$s.from_pretrained("FOLDER")
                tokenizer = AutoTokenizer.from_pretrained("FOLDER")
                ```

                """.formatted(huggingFaceClass);
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

    private static String outliers(List<OutlierDimension> outliers) {
        String heading = "## Outlier dimensions\n\nBy the rule of Kovaleva et al. 2021 (arXiv 2105.06990)";
        if (outliers.isEmpty()) {
            return heading + ": none at this step.\n\n";
        }
        StringBuilder table = new StringBuilder(heading).append("""
                ; z is the most extreme over the sites.

                | dimension | z of the weight | z of the bias | sites |
                |---|---|---|---|
                """);
        for (OutlierDimension outlier : outliers) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %d | %s | %s | %s |\n",
                    outlier.dimension(),
                    z(outlier.weightZ()),
                    z(outlier.biasZ()),
                    String.join(", ", outlier.sites())));
        }
        return table.append('\n').toString();
    }

    private static String z(Double z) {
        return z == null ? "" : String.format(Locale.ROOT, "%.1f", z);
    }
}
