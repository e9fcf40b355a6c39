package norma.datasets.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import norma.datasets.Samples;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.datasets.tokenizer.TokenizerTraining;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Texts and pairs in each format against Hugging Face's library, by its own post-processor and by the one we write. */
@Tag("unit")
class EncodedSplitFormatTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final TaskKind CLASSES = new TaskKind.Classification(List.of("no", "yes"));
    private static final String BERT_PROCESSING = """
            {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}""";
    private static final String ROBERTA_PROCESSING = """
            {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": true,
             "add_prefix_space": false}""";

    private static Tokenizer trained(String type, SequenceFormat format) {
        return TokenizerTraining.train(
                        new TokenizerConfig(type, 400, null, null, null),
                        format,
                        List.of(Samples.sentences(1, 100)).iterator(),
                        Progress.NONE)
                .tokenizer();
    }

    private static String with(String json, String postProcessor) throws IOException {
        ObjectNode root = (ObjectNode) MAPPER.readTree(json);
        root.set("post_processor", MAPPER.readTree(postProcessor));
        return root.toString();
    }

    private static HuggingFaceTokenizer judge(String json, int maxLength) throws IOException {
        String longest = Integer.toString(maxLength);
        return HuggingFaceTokenizer.newInstance(
                new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
                Map.of(
                        "addSpecialTokens",
                        "true",
                        "padding",
                        "false",
                        "truncation",
                        "longest_first",
                        "maxLength",
                        longest,
                        "modelMaxLength",
                        longest));
    }

    private static EncodedSplit encoded(
            Tokenizer tokenizer, SequenceFormat format, String first, String second, int maxLength) {
        LabelledExample example = new LabelledExample(first, second, new Label.OneClass(0));
        return new EncodedSplit(
                tokenizer, format, CLASSES, new LabelledSplit("dev", "dev.tsv", List.of(example)), maxLength);
    }

    private static void assertAsJudged(Tokenizer tokenizer, SequenceFormat format, String json) throws IOException {
        for (int maxLength : new int[] {8, 13, 24, 40}) {
            try (HuggingFaceTokenizer judge = judge(json, maxLength)) {
                SplittableRandom random = new SplittableRandom(maxLength);
                for (int i = 0; i < 100; i++) {
                    String first = Samples.sentences(random.nextLong(), random.nextInt(1, 4));
                    String second = i % 2 == 0 || !format.takesPairs()
                            ? null
                            : Samples.sentences(random.nextLong(), random.nextInt(1, 4));
                    Encoding expected = second == null ? judge.encode(first) : judge.encode(first, second);
                    LabelledBatch batch =
                            encoded(tokenizer, format, first, second, maxLength).batch(new int[] {0});
                    assertThat(longs(batch.inputs().inputIds()))
                            .as("%s + %s in %d", first, second, maxLength)
                            .isEqualTo(expected.getIds());
                    if (!format.equals(
                            SequenceFormat.GPT2)) { // the library numbers texts; GPT-2 has no types to look up
                        assertThat(longs(batch.inputs().tokenTypeIds())).isEqualTo(expected.getTypeIds());
                    }
                }
            }
        }
    }

    private static long[] longs(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    @Test
    void bertsSequences_areThoseOfHuggingFacesBertProcessing_andOfTheTemplateThatWeWrite() throws IOException {
        try (Tokenizer tokenizer = trained("wordpiece", SequenceFormat.BERT)) {
            assertAsJudged(tokenizer, SequenceFormat.BERT, with(tokenizer.json(), BERT_PROCESSING));
            assertAsJudged(tokenizer, SequenceFormat.BERT, tokenizer.json());
        }
    }

    @Test
    void robertasSequences_areThoseOfHuggingFacesRobertaProcessing_andOfTheTemplateThatWeWrite() throws IOException {
        try (Tokenizer tokenizer = trained("bpe", SequenceFormat.ROBERTA)) {
            assertAsJudged(tokenizer, SequenceFormat.ROBERTA, with(tokenizer.json(), ROBERTA_PROCESSING));
            assertAsJudged(tokenizer, SequenceFormat.ROBERTA, tokenizer.json());
        }
    }

    @Test
    void gpt2sSequences_areThoseOfItsOwnFile_andOfTheOneThatWeWrite() throws IOException {
        try (Tokenizer tokenizer = Samples.gpt2Tokenizer()) {
            assertAsJudged(tokenizer, SequenceFormat.GPT2, tokenizer.json());
        }
        try (Tokenizer tokenizer = trained("bpe", SequenceFormat.GPT2)) {
            assertAsJudged(tokenizer, SequenceFormat.GPT2, tokenizer.json());
        }
    }

    @Test
    void theJudge_wouldFindBertsFormatInARoberta() throws IOException {
        try (Tokenizer tokenizer = trained("bpe", SequenceFormat.ROBERTA)) {
            assertThatThrownBy(() -> assertAsJudged(tokenizer, SequenceFormat.BERT, tokenizer.json()))
                    .isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void pairsForAFormatWithoutPairs_areRefused() {
        SequenceFormat single = new SequenceFormat(
                "Single", SequenceFormat.GPT2.single(), List.of(), SequenceFormat.GPT2.documentEnd());
        try (Tokenizer tokenizer = Samples.gpt2Tokenizer()) {
            assertThatThrownBy(() -> encoded(tokenizer, single, "hello", "world", 16))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage(
                            "dev.tsv: examples: found pairs of texts, expected single texts, because Single takes no pairs");
        }
    }

    @Test
    void noRoomForAPairsFourSpecialTokensAndTwoOfText_isRefused() {
        try (Tokenizer tokenizer = trained("bpe", SequenceFormat.ROBERTA)) {
            assertThat(encoded(tokenizer, SequenceFormat.ROBERTA, "time", "year", 6)
                            .longest())
                    .isEqualTo(6);
            assertThatThrownBy(() -> encoded(tokenizer, SequenceFormat.ROBERTA, "time", "year", 5))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining(
                            "found 5 tokens, expected at least 6, for special tokens and one of each text");
        }
    }
}
