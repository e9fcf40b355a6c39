package norma.trainer.finetuning;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import norma.datasets.base.NormaVersion;
import norma.datasets.tasks.LabelledSplit;
import norma.datasets.tasks.LabelledTask;
import norma.trainer.checkpoint.CardText;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.layernorm.OutlierDimension;

/**
 * The model card of the best epoch of a fine-tuning.
 *
 * @param config of the fine-tuning
 * @param task what was learnt
 * @param modelType of the model
 * @param huggingFaceClass the class that opens the checkpoint
 * @param weightsSha256 of the model that it began from
 */
record ClassifierCard(
        FinetuneConfig config, LabelledTask task, String modelType, String huggingFaceClass, String weightsSha256) {
    /**
     * The card.
     *
     * @param outliers by the paper's rule after the epoch
     */
    String text(long seed, EpochScores epoch, List<OutlierDimension> outliers) {
        return CardText.written(frontMatter(epoch))
                + String.format(Locale.ROOT, "# %s, fine-tuned on %s\n\n", huggingFaceClass, task.name())
                + String.format(
                        Locale.ROOT,
                        "Fine-tuned by Norma %s with seed %d: the best of %d epochs, epoch %d (step %,d), by its scores on the"
                                + " held-out examples below, which are therefore a little high. It began from weights whose SHA-256"
                                + " is `%s`.\n\n",
                        NormaVersion.text(),
                        seed,
                        config.epochs(),
                        epoch.epoch(),
                        epoch.step(),
                        weightsSha256)
                + CardText.usage(huggingFaceClass)
                + examples()
                + scores(epoch)
                + CardText.outliers(outliers)
                + settings();
    }

    private ObjectNode frontMatter(EpochScores epoch) {
        ObjectNode front = CardText.front(
                Optional.of("text-classification"), List.of(modelType, "layernorm", "outlier-dimensions", task.name()));
        ArrayNode names = front.putArray("metrics");
        ObjectNode model = front.putArray("model-index").addObject();
        model.put("name", huggingFaceClass + "-" + task.name());
        ArrayNode results = model.putArray("results");
        for (DevScores dev : epoch.devs()) {
            ArrayNode values = JsonNodeFactory.instance.arrayNode();
            dev.metrics().forEach((metric, value) -> {
                if (Double.isFinite(value)) {
                    values.addObject().put("type", metric.key()).put("value", value);
                }
            });
            ObjectNode result = results.addObject();
            result.putObject("task").put("type", "text-classification");
            result.putObject("dataset").put("type", task.name()).put("name", task.name() + ", " + dev.split());
            result.set("metrics", values);
        }
        epoch.devs().get(0).metrics().keySet().forEach(metric -> names.add(metric.key()));
        return front;
    }

    private String examples() {
        StringBuilder table = new StringBuilder("""
                ## Examples

                | split | examples | SHA-256 of the examples |
                |---|---|---|
                """);
        for (LabelledSplit split :
                Stream.concat(Stream.of(task.train()), task.devs().stream()).toList()) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d | `%s` |\n",
                    split.name(),
                    split.examples().size(),
                    split.sha256()));
        }
        return table.append('\n').toString();
    }

    private static String scores(EpochScores epoch) {
        StringBuilder table = new StringBuilder("## Evaluation\n\n| split | metric | value |\n|---|---|---|\n");
        for (DevScores dev : epoch.devs()) {
            table.append(String.format(Locale.ROOT, "| %s | loss | %.4f |\n", dev.split(), dev.loss()));
            dev.metrics()
                    .forEach((metric, value) -> table.append(
                            String.format(Locale.ROOT, "| %s | %s | %.4f |\n", dev.split(), metric.key(), value)));
        }
        return table.append('\n').toString();
    }

    private String settings() {
        return String.format(
                Locale.ROOT,
                """
                ## Settings

                %d epochs of steps of %d examples, of at most %d tokens each; %s, peak learning rate %s, warm-up %s of the steps,
                then linear to 0; matrix products in %s.
                """,
                config.epochs(),
                config.batchSize(),
                config.maxLength(),
                config.optimizer().type(),
                config.optimizer().learningRate(),
                config.warmupRatio(),
                config.precision());
    }
}
