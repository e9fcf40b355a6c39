package norma.trainer.imports;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import norma.datasets.tokenizer.PublishedTokenizer;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.model.ModelConfig;
import norma.trainer.safetensors.HostTensor;

/**
 * A model as it was read.
 *
 * @param kind what it was, for the record
 * @param config its shape
 * @param classes Hugging Face's classes that it names in {@code architectures}; none where it is not of Hugging Face's
 * @param labels what config.json says about a classifier's labels, such as {@code num_labels}; empty without one
 * @param weights by Hugging Face name; heads that it lacks are missing
 * @param vocabulary its tokenizer, or null; closed by whoever takes it
 * @param assumptions what the source did not say and was assumed, a sentence each
 */
record ImportedModel(
        String kind,
        ModelConfig config,
        List<String> classes,
        Map<String, JsonNode> labels,
        Map<String, HostTensor> weights,
        PublishedTokenizer vocabulary,
        List<String> assumptions) {
    /** Its tokenizer, or null. */
    Tokenizer tokenizer() {
        return vocabulary == null ? null : vocabulary.tokenizer();
    }
}
