package norma.trainer.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import norma.datasets.tokenizer.SpecialToken;
import norma.datasets.tokenizer.Tokenizer;

/** Hugging Face's tokenizer_config.json, so that {@code AutoTokenizer.from_pretrained} opens a checkpoint. */
public final class HuggingFaceTokenizerConfig {
    private HuggingFaceTokenizerConfig() {}

    /**
     * The settings that go with a tokenizer, its special tokens among them.
     *
     * @param maxLength longest sequence of the model; the tokenizer may be for shorter ones
     */
    public static ObjectNode of(Tokenizer tokenizer, int maxLength) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("tokenizer_class", "PreTrainedTokenizerFast");
        json.put(
                "model_max_length",
                Math.min(maxLength, tokenizer.longestSequence().orElse(maxLength)));
        for (SpecialToken token : SpecialToken.values()) {
            tokenizer.id(token).ifPresent(id -> json.put(key(token), tokenizer.token(id)));
        }
        return json;
    }

    private static String key(SpecialToken token) {
        return token.name().toLowerCase(Locale.ROOT) + "_token";
    }
}
