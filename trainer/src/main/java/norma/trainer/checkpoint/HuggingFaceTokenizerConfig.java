package norma.trainer.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import norma.datasets.tokenizer.Tokenizer;

/** Hugging Face's tokenizer_config.json, so that {@code AutoTokenizer.from_pretrained} opens a checkpoint. */
public final class HuggingFaceTokenizerConfig {
    private HuggingFaceTokenizerConfig() {}

    /** The settings that go with a tokenizer for sequences of at most so many tokens. */
    public static ObjectNode of(Tokenizer tokenizer, int maxLength) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("tokenizer_class", "PreTrainedTokenizerFast");
        json.put("model_max_length", maxLength);
        json.put("pad_token", tokenizer.token(tokenizer.padId()));
        json.put("unk_token", tokenizer.token(tokenizer.unkId()));
        json.put("cls_token", tokenizer.token(tokenizer.clsId()));
        json.put("sep_token", tokenizer.token(tokenizer.sepId()));
        json.put("mask_token", tokenizer.token(tokenizer.maskId()));
        return json;
    }
}
