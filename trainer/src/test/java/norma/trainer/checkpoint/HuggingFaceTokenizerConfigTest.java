package norma.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import norma.datasets.base.Progress;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.datasets.tokenizer.TokenizerTraining;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class HuggingFaceTokenizerConfigTest {
    private static final String GPT2 = """
            {"version": "1.0", "truncation": null, "padding": null, "normalizer": null, "post_processor": null,
             "added_tokens": [{"id": 1, "content": "<|endoftext|>", "single_word": false, "lstrip": false,
               "rstrip": false, "normalized": true, "special": true}],
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
             "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true},
             "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
               "end_of_word_suffix": "", "fuse_unk": false, "vocab": {"a": 0, "<|endoftext|>": 1}, "merges": []}}
            """;

    private static String config(String type) {
        TokenizerConfig config = new TokenizerConfig(type, 400, null, null, null);
        try (Tokenizer tokenizer = TokenizerTraining.train(
                        config, SequenceFormat.BERT, List.of("a ship sails").iterator(), Progress.NONE)
                .tokenizer()) {
            return HuggingFaceTokenizerConfig.of(tokenizer, 64).toString();
        }
    }

    @Test
    void bertsTokens_areTheFiveInTheirOrder() {
        assertThat(config("wordpiece")).isEqualTo("""
                        {"tokenizer_class":"PreTrainedTokenizerFast","model_max_length":64,"pad_token":"[PAD]",\
                        "unk_token":"[UNK]","cls_token":"[CLS]","sep_token":"[SEP]","mask_token":"[MASK]"}""");
    }

    @Test
    void robertasTokens_areThoseOfHuggingFacesRobertaTokenizer() {
        assertThat(config("bpe")).isEqualTo("""
                        {"tokenizer_class":"PreTrainedTokenizerFast","model_max_length":64,"pad_token":"<pad>",\
                        "unk_token":"<unk>","cls_token":"<s>","sep_token":"</s>","mask_token":"<mask>",\
                        "bos_token":"<s>","eos_token":"</s>"}""");
    }

    @Test
    void tokensThatATokenizerLacks_areNotListed() {
        try (Tokenizer gpt2 = Tokenizer.fromJson(GPT2, "gpt2")) {
            assertThat(HuggingFaceTokenizerConfig.of(gpt2, 64).toString()).isEqualTo("""
                            {"tokenizer_class":"PreTrainedTokenizerFast","model_max_length":64,\
                            "bos_token":"<|endoftext|>","eos_token":"<|endoftext|>"}""");
        }
    }
}
