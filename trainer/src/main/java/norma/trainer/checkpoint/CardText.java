package norma.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import norma.trainer.layernorm.OutlierDimension;

/**
 * What all model cards have in common: {@code README.md} of a checkpoint, with the front matter that the Hugging Face
 * Hub reads. A card names neither the run nor a time, so that the same training writes the same bytes.
 *
 * <p>Source of the front matter's keys: Hugging Face Hub's documentation of model cards.
 */
public final class CardText {
    private static final YAMLMapper YAML = new YAMLMapper();

    private CardText() {}

    /**
     * The front matter's beginning.
     *
     * @param task the Hub's name of what the model does; empty where it has none
     * @param tags besides Norma's
     */
    public static ObjectNode front(Optional<String> task, List<String> tags) {
        ObjectNode front = JsonNodeFactory.instance.objectNode();
        front.put("library_name", "transformers");
        front.put("license", "unknown"); // of the weights: that is for whoever publishes them to say
        task.ifPresent(name -> front.put("pipeline_tag", name));
        ArrayNode all = front.putArray("tags");
        all.add("norma");
        tags.forEach(all::add);
        return front;
    }

    /** The front matter as it stands at the head of the card, between two lines of dashes. */
    public static String written(ObjectNode front) {
        try {
            return YAML.writeValueAsString(front) + "---\n\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How a checkpoint is opened by its Hugging Face class. */
    public static String usage(String huggingFaceClass) {
        return """
                ```python
                from transformers import AutoTokenizer, %1$s
                model = %1$s.from_pretrained("FOLDER")
                tokenizer = AutoTokenizer.from_pretrained("FOLDER")
                ```

                """.formatted(huggingFaceClass);
    }

    /** A section about the outlier dimensions by the paper's rule. */
    public static String outliers(List<OutlierDimension> outliers) {
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
