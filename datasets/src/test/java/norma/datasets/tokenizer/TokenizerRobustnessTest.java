package norma.datasets.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Other people's files and every code point, against Hugging Face's library. */
@Tag("engine")
class TokenizerRobustnessTest {
    private static final String UNIGRAM = """
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
             "pre_tokenizer":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true},
             "post_processor":null,"decoder":null,
             "model":{"type":"Unigram","unk_id":3,"byte_fallback":false,"vocab":[["<s>",0.0],["<pad>",0.0],["</s>",0.0],
             ["<unk>",0.0],["<mask>",0.0],["\u2581run",-1.0],["ning",-1.5],["\u2581",-3.0]]}}
            """;

    @Test
    void aUnigramFile_isReadAsWritten() {
        try (Tokenizer tokenizer = Tokenizer.fromJson(UNIGRAM, "unigram.json")) {
            assertThat(tokenizer.encode(List.of("running")).get(0)).containsExactly(5, 6);
            assertThat(List.of(tokenizer.continuesWord(5), tokenizer.continuesWord(6)))
                    .containsExactly(false, true);
            assertThat(List.of(tokenizer.clsId(), tokenizer.padId(), tokenizer.maskId()))
                    .containsExactly(0, 1, 4);
        }
    }

    @Test
    void aFileWhoseUnknownTokenIsMissing_isRefusedBeforeItCanEndTheProcess() {
        String json = TokenizerJson.wordPiece(TokenizerJson.BERT, true, SequenceFormat.BERT)
                .replace("\"unk_token\" : \"[UNK]\"", "\"unk_token\" : \"[OOV]\"");
        assertThat(json).contains("[OOV]");
        assertThatThrownBy(() -> Tokenizer.fromJson(json, "a.json"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("a.json: model.unk_token: found \"[OOV]\", expected a token of the vocabulary");
    }

    @Test
    void whatJavaReadsAsJsonAndHuggingFacesLibraryDoesNot_isRefusedBeforeItCanEndTheProcess() {
        assertNotJson("\"decoder\":null", "\"decoder\":{\"a\":1e999}", "decoder.a: found a number beyond 1.8e308");
        assertNotJson("-1.5", "-1" + "0".repeat(400), "model.vocab[6][1]: found a number beyond 1.8e308");
        assertNotJson("\"ning\"", "\"\\ud800\"", "model.vocab[6][0]: found half of a surrogate pair: \\ud800");
        assertNotJson("\"decoder\"", "\"\\udc00\"", "found half of a surrogate pair");
        assertNotJson(
                "\"decoder\":null",
                "\"decoder\":" + "[".repeat(130) + "]".repeat(130),
                "found more than 120 levels of nesting");
    }

    private static void assertNotJson(String was, String is, String finding) {
        assertThat(UNIGRAM).contains(was);
        assertThatThrownBy(() -> Tokenizer.fromJson(UNIGRAM.replace(was, is), "a.json"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("a.json: ")
                .hasMessageContaining(finding);
    }

    @Test
    void anUnpairedSurrogate_leavesTheTextAroundItWhole() {
        try (Tokenizer bpe = TokenizerTrainingTest.train("bpe", 300, false)) {
            int[] ids = bpe.encode(List.of("caf\u00e9 \ud83d\ude42 \ud83d x")).get(0);
            assertThat(bpe.decode(ids)).isEqualTo("caf\u00e9 \ud83d\ude42 \ufffd x");
        }
    }

    @Test
    void everyCodePoint_isCutAsHuggingFaceCutsIt_exceptMarksAndPunctuationYoungerThanItsTables() throws IOException {
        for (boolean lowercase : new boolean[] {true, false}) {
            BitSet different = new BitSet();
            try (HuggingFaceTokenizer reference = segmenter(lowercase)) {
                BertText ours = new BertText(lowercase);
                for (int plane = 0; plane < 3; plane++) {
                    compare(ours, reference, plane << 16, different);
                }
            }
            different.stream().forEach(c -> assertThat(Character.getType(c))
                    .as("U+%X", c)
                    .isIn(
                            (int) Character.UNASSIGNED, // capitals that are younger than this Java
                            (int) Character.NON_SPACING_MARK,
                            (int) Character.OTHER_PUNCTUATION,
                            (int) Character.DASH_PUNCTUATION,
                            (int) Character.FORMAT,
                            (int) Character.COMBINING_SPACING_MARK,
                            (int) Character.MATH_SYMBOL,
                            (int) Character.OTHER_SYMBOL));
            assertThat(different.nextSetBit(0)).isGreaterThanOrEqualTo(0x7fd);
            // Java 17 against 0.21: 435 lower-cased, of them 67 unassigned here; 95 cased; of 194,560.
            assertThat(different.cardinality()).isLessThan(1000);
        }
    }

    /** Compares "aXb" for every X of a plane. */
    private static void compare(BertText ours, HuggingFaceTokenizer reference, int first, BitSet different) {
        for (int from = first; from < first + 0x10000; from += 0x100) {
            for (int c = from; c < from + 0x100; c++) {
                if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                    String text = "a" + Character.toString(c) + "b";
                    List<String> words = new ArrayList<>();
                    ours.words(text, words::add);
                    different.set(c, !words.equals(words(reference, text)));
                }
            }
        }
    }

    private static List<String> words(HuggingFaceTokenizer reference, String text) {
        TokenizersLibrary library = TokenizersLibrary.LIB;
        long encoding = library.encode(reference.getHandle(), text, false);
        long[] bytes = library.getTokenIds(encoding);
        long[] word = library.getWordIds(encoding);
        library.deleteEncoding(encoding);
        List<String> words = new ArrayList<>();
        int start = 0;
        for (int i = 1; i <= bytes.length; i++) {
            if (i == bytes.length || word[i] != word[start]) {
                byte[] utf8 = new byte[i - start];
                for (int k = 0; k < utf8.length; k++) {
                    utf8[k] = (byte) bytes[start + k];
                }
                words.add(new String(utf8, StandardCharsets.UTF_8));
                start = i;
            }
        }
        return words;
    }

    /** BERT's normaliser and pre-tokeniser in front of a model whose token ids are the bytes of each word. */
    private static HuggingFaceTokenizer segmenter(boolean lowercase) throws IOException {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding").putNull("post_processor").putNull("decoder");
        root.putArray("added_tokens");
        root.putObject("normalizer")
                .put("type", "BertNormalizer")
                .put("clean_text", true)
                .put("handle_chinese_chars", true)
                .put("lowercase", lowercase)
                .putNull("strip_accents");
        ObjectNode sequence = root.putObject("pre_tokenizer").put("type", "Sequence");
        sequence.putArray("pretokenizers").addObject().put("type", "BertPreTokenizer");
        sequence.withArray("pretokenizers")
                .addObject()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", false);
        ObjectNode model = root.putObject("model").put("type", "BPE");
        model.putArray("merges");
        ObjectNode vocabulary = model.putObject("vocab");
        for (int b = 0; b < 256; b++) {
            vocabulary.put(String.valueOf(ByteLevelText.spelling(b)), b);
        }
        byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
        return HuggingFaceTokenizer.newInstance(
                new ByteArrayInputStream(json),
                Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
    }
}
