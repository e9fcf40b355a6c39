package norma.datasets.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Ids put together from pieces, against Hugging Face's library on whole texts. */
@Tag("unit")
class PieceCacheTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<Pair> PAIRS = Stream.of(
                    TokenizerTrainingTest.train("wordpiece", 400, true).json(),
                    TokenizerTrainingTest.train("wordpiece", 400, false).json(),
                    TokenizerTrainingTest.train("bpe", 400, false).json(),
                    changed(TokenizerTrainingTest.train("wordpiece", 400, true), "normalized", true),
                    changed(TokenizerTrainingTest.train("wordpiece", 400, true), "single_word", true),
                    changed(TokenizerTrainingTest.train("wordpiece", 400, false), "rstrip", true),
                    withAddedWord("fox", TokenizerTrainingTest.train("wordpiece", 400, true)),
                    changed(TokenizerTrainingTest.train("bpe", 400, false), "lstrip", true),
                    changed(TokenizerTrainingTest.train("bpe", 400, false), "normalized", true))
            .map(Pair::new)
            .toList();

    /** What texts are made of: each kind of character that some rule of a tokenizer speaks of. */
    private static final List<String> ATOMS = List.of(
            " ",
            " ",
            " ",
            "  ",
            "\t",
            "\n",
            "\r\n",
            "\u000b",
            "\f",
            "\u0085",
            "\u00a0",
            "\u2003",
            "\u2028",
            "\u3000",
            "\u0000",
            "\u0001",
            "\u007f",
            "\u00ad",
            "\u200b",
            "\u200d",
            "\ufeff",
            "\ufffd",
            "\u0301",
            "\u0323\u0301",
            "\u0345",
            "\u0903",
            "\u20dd",
            "the",
            "The",
            "quick",
            "DOG",
            "dogs'",
            "don't",
            "'LL",
            "'s",
            "a_b",
            "3.50",
            "$",
            "!",
            "¡",
            "…",
            "“",
            "—",
            "é",
            "e\u0301",
            "Å",
            "\u212b",
            "İ",
            "ı",
            "ß",
            "ẞ",
            "Σ",
            "ς",
            "ὈΔ",
            "ǅ",
            "ﬁ",
            "Яро",
            "中",
            "文字",
            "\ud842\udfb7",
            "日本語",
            "한국",
            "\u1112\u1161\u11ab",
            "👩\u200d👧",
            "👍🏽",
            "🇨🇭",
            "𝒜",
            "½",
            "\ud83d",
            "\udc00",
            "[MASK]",
            "[SEP]",
            "[mask]",
            "[MASK",
            "fox",
            "_",
            "<mask>",
            "<s>",
            "</s>",
            "x".repeat(PieceCache.LONGEST + 1),
            "y".repeat(101));

    /** A tokenizer with its cache, and the library's own on the same file. */
    private record Pair(Tokenizer ours, HuggingFaceTokenizer judge) {
        Pair(String json) {
            this(Tokenizer.fromJson(json, "test"), judgeOf(json));
        }

        private static HuggingFaceTokenizer judgeOf(String json) {
            try {
                return HuggingFaceTokenizer.newInstance(
                        new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
                        Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        void assertSame(String text) {
            int[] valid = text.codePoints()
                    .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
                    .toArray();
            long[] expected = judge.encode(new String(valid, 0, valid.length)).getIds();
            for (String time : List.of("first", "second")) { // the second time from memory
                assertThat(Arrays.stream(ours.encode(List.of(text)).get(0))
                                .asLongStream()
                                .toArray())
                        .as("%s, the %s time", text, time)
                        .isEqualTo(expected);
            }
        }
    }

    private static String changed(Tokenizer tokenizer, String flag, boolean value) {
        return tokenizer.json().replace("\"" + flag + "\" : " + !value, "\"" + flag + "\" : " + value);
    }

    /** Adds a token that only counts where it is a word by itself. */
    private static String withAddedWord(String word, Tokenizer tokenizer) {
        return tokenizer
                .json()
                .replaceFirst(
                        "\"added_tokens\" : \\[",
                        "\"added_tokens\" : [{\"id\" : " + tokenizer.vocabularySize() + ", \"content\" : \"" + word
                                + "\", \"single_word\" : true, \"lstrip\" : false, \"rstrip\" : false,"
                                + " \"normalized\" : false, \"special\" : false},");
    }

    private static JsonNode parse(String json) throws IOException {
        return MAPPER.readTree(json);
    }

    @Test
    void trickyTexts_haveTheIdsOfTheWholeText() {
        for (Pair pair : PAIRS) {
            TokenizerTrainingTest.TRICKY.forEach(pair::assertSame);
            pair.assertSame(String.join(" ", TokenizerTrainingTest.TRICKY));
            pair.assertSame(String.join("", TokenizerTrainingTest.TRICKY));
        }
    }

    @Test
    void randomMixturesOfSpecialCharacters_haveTheIdsOfTheWholeText() {
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(1, 12); n > 0; n--) {
                int other = random.nextInt(4 * ATOMS.size() / 3); // one in four: any code point
                text.append(other < ATOMS.size() ? ATOMS.get(other) : Character.toString(random.nextInt(0x30000)));
            }
            PAIRS.forEach(pair -> pair.assertSame(text.toString()));
        }
    }

    @Test
    void everyPairOfSpecialCharacters_hasTheIdsOfTheWholeText() {
        for (String before : ATOMS) {
            StringBuilder text = new StringBuilder();
            for (String after : ATOMS) {
                text.append(before).append(' ').append(after).append('|');
                text.append(before).append(after).append('\n').append(after);
            }
            PAIRS.forEach(pair -> pair.assertSame(text.toString()));
        }
    }

    @Test
    void everyCodePoint_besideABlank_hasTheIdsOfTheWholeText() {
        for (Pair pair : PAIRS.subList(0, 3)) {
            for (int from = 0; from < 0x20000; from += 64) {
                StringBuilder text = new StringBuilder();
                for (int c = from; c < from + 64; c++) {
                    if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                        text.append("a")
                                .appendCodePoint(c)
                                .append(" ")
                                .appendCodePoint(c)
                                .append("b ");
                    }
                }
                pair.assertSame(text.toString());
            }
        }
    }

    @Test
    void otherTokenizers_encodeWholeTexts() throws IOException {
        String wordPiece = TokenizerTrainingTest.train("wordpiece", 400, true).json();
        String bpe = TokenizerTrainingTest.train("bpe", 400, false).json();
        assertThat(PieceCache.of(parse(wordPiece))).isPresent();
        assertThat(PieceCache.of(parse(bpe))).isPresent();
        List<String> others = new ArrayList<>();
        others.add(wordPiece.replace("BertPreTokenizer", "Whitespace"));
        others.add(wordPiece.replace("BertNormalizer", "NFC"));
        others.add(wordPiece.replace("\"content\" : \"[MASK]\"", "\"content\" : \"a mask\""));
        others.add(bpe.replace("\"rstrip\" : false", "\"rstrip\" : true"));
        others.add(bpe.replace("\"add_prefix_space\" : false", "\"add_prefix_space\" : true"));
        others.add(bpe.replace("\"use_regex\" : true", "\"use_regex\" : false"));
        others.add(bpe.replace("\"dropout\" : null", "\"dropout\" : 0.1"));
        others.add(bpe.replace("\"normalizer\" : null", "\"normalizer\" : {\"type\" : \"NFC\"}"));
        for (String other : others) {
            assertThat(PieceCache.of(parse(other))).as(other).isEmpty();
        }
    }
}
