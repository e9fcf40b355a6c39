package norma.datasets.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vocabularies that we train, encoded by Hugging Face's library and by the paper's greedy rule written out here. */
@Tag("unit")
class TokenizerTrainingTest {
    private static final List<String> CORPUS = List.of(
            "The quick brown fox jumps over the lazy dog; the dogs didn't mind. Quickly, quicker, quickest!",
            "Zürich naïve café résumé ÅNGSTRÖM İstanbul straße ΣΊΣΥΦΟΣ ὈΔΥΣΣΕΎΣ Ярославль",
            "中文字符 和 日本語のテキスト 한국어 텍스트 \uD842\uDFB7 end",
            "emoji 👩‍👩‍👧‍👦 👍🏽 🇨🇭 🙂 and symbols ≠ ≤ → € £ ¥ © ™ ½ ² ³",
            "prices: $3.50, 1,000,000 and 50% (roughly) [sic] {x} <y> #z @home a_b a-b a/b a\\b ^ ~ ` |");

    static final List<String> TRICKY = List.of(
            "",
            " ",
            "\t\n\r",
            "The quick brown fox",
            "unquickable dogness",
            "Zürich NAÏVE cafe\u0301 İ I ı ß ẞ ΣΑΣ ς",
            "中文abc字符 \uD842\uDFB7\uD842\uDFB7x",
            "👩‍👩‍👧‍👦👍🏽🇨🇭 🙂🙂",
            "a\u0000b\u0001c\u200bd\u00ade\ufefff\ufffdg\u0085h\u00a0i\u2028j\u3000k",
            "x".repeat(100) + " " + "x".repeat(101) + " " + "quick".repeat(30),
            "e\u0301\u0302\u0323 \u0301 ﬁ Å \u1e9b\u0323 ½ ²",
            "\ud7a3 \u1100\u1161 𝒜𝔅 𝟘 ‿ ⁀ – — “q” ‘r’ … · ¿ ¡ § ¶",
            "[MASK] [CLS] text [SEP]",
            "don't we'll I'VE 're  two  blanks   three\n\nlines",
            "ǅ Ǆ ﬀ ŉ ΐ K Ω Ⅷ ⓐ Ａ");

    private static final Tokenizer CASED = train("wordpiece", 400, false);
    private static final Tokenizer UNCASED = train("wordpiece", 400, true);
    private static final Tokenizer BPE = train("bpe", 400, false);

    static Tokenizer train(String type, int size, boolean lowercase) {
        return train(type, size, lowercase, SequenceFormat.BERT);
    }

    static Tokenizer train(String type, int size, boolean lowercase, SequenceFormat format) {
        return TokenizerTraining.train(
                        new TokenizerConfig(type, size, lowercase, null, null),
                        format,
                        CORPUS.iterator(),
                        Progress.NONE)
                .tokenizer();
    }

    @AfterAll
    static void close() {
        CASED.close();
        UNCASED.close();
        BPE.close();
    }

    @Test
    void wordPiece_isEncodedByHuggingFaceAsTheGreedyRuleSays() {
        for (String text : TRICKY) {
            if (!text.contains("[")) { // special tokens inside a text are not words
                assertThat(UNCASED.encode(List.of(text)).get(0)).as(text).containsExactly(greedy(UNCASED, true, text));
                assertThat(CASED.encode(List.of(text)).get(0)).as(text).containsExactly(greedy(CASED, false, text));
            }
        }
    }

    @Test
    void byteLevelBpe_losesNothing() {
        for (String text : TRICKY) {
            int[] ids = BPE.encode(List.of(text)).get(0);
            if (!text.contains("[")) {
                assertThat(BPE.decode(ids)).isEqualTo(text);
            }
            assertThat(ids).doesNotContain(BPE.unkId());
        }
    }

    @Test
    void byteLevelBpe_isEncodedByHuggingFaceAsTheMergesSay() {
        for (String text : TRICKY) {
            List<Integer> expected = new ArrayList<>();
            ByteLevelText.words(text, word -> expected.addAll(merged(word)));
            assertThat(BPE.encode(List.of(text)).get(0))
                    .as(text)
                    .containsExactly(expected.stream().mapToInt(i -> i).toArray());
        }
    }

    @Test
    void sennrichsExample_mergesInThePublishedOrder() {
        // Sennrich et al. 2016, algorithm 1: low 5, lower 2, newest 6, widest 3; first merges e s, es t.
        StringBuilder text = new StringBuilder();
        Map.of("low", 5, "lower", 2, "newest", 6, "widest", 3)
                .forEach((word, n) -> text.append((word + " ").repeat(n)));
        List<String> alphabet = List.of("d", "e", "i", "l", "n", "o", "r", "s", "t", "w");
        List<int[]> words = new ArrayList<>();
        for (String word : List.of("low", "lower", "newest", "widest")) {
            words.add(word.chars()
                    .map(c -> alphabet.indexOf(String.valueOf((char) c)))
                    .toArray());
        }
        PairMerges merges = new PairMerges(alphabet, words.toArray(int[][]::new), new long[] {5, 2, 6, 3});
        merges.grow(alphabet.size() + 4, 1, "");
        assertThat(merges.merges().stream().map(m -> m[0] + m[1])).containsExactly("es", "est", "lo", "low");
        assertThat(text).isNotEmpty();
    }

    @Test
    void aMergeOfEqualSymbols_countsOverlapsOnce() {
        PairMerges merges = new PairMerges(List.of("a", "b"), new int[][] {{0, 0, 0, 0, 0}, {0, 1}}, new long[] {3, 2});
        merges.grow(5, 1, "");
        assertThat(merges.symbols()).containsExactly("a", "b", "aa", "aaa", "aaaaa");
    }

    @Test
    void theSameTexts_giveTheSameBytes_whateverTheirOrder() {
        List<String> reversed = new ArrayList<>(CORPUS);
        java.util.Collections.reverse(reversed);
        try (Tokenizer again = TokenizerTraining.train(
                        new TokenizerConfig("wordpiece", 400, true, null, null),
                        SequenceFormat.BERT,
                        reversed.iterator(),
                        Progress.NONE)
                .tokenizer()) {
            assertThat(again.json()).isEqualTo(UNCASED.json());
            assertThat(again.sha256()).isEqualTo(UNCASED.sha256()).hasSize(64);
        }
    }

    @Test
    void aLimitedAlphabet_keepsTheMostFrequentCharacters_andSaysWhatShareOfTheWordsBecomesUnknown() {
        // a 6, b 3, c 2, x 1, y 1: with three characters the words "ax" and "y" of ten cannot be spelled
        List<String> texts = List.of("a ab ab ab a ax", "c c y", "a");
        TrainedTokenizer trained = TokenizerTraining.train(
                new TokenizerConfig("wordpiece", 20, true, null, 3),
                SequenceFormat.BERT,
                texts.iterator(),
                Progress.NONE);
        try (Tokenizer tokenizer = trained.tokenizer()) {
            AlphabetCoverage coverage = trained.coverage();
            assertThat(coverage).isEqualTo(new AlphabetCoverage(5, 3, 10, 2));
            assertThat(coverage.unknownShare()).isEqualTo(0.2);
            assertThat(coverage.toString())
                    .startsWith("3 of 5 different characters are in the alphabet, which makes 20.0 % of the running");
            List<Integer> unknown = new ArrayList<>();
            tokenizer.encode(texts).forEach(ids -> java.util.Arrays.stream(ids)
                    .filter(id -> id == tokenizer.unkId())
                    .forEach(unknown::add));
            assertThat(unknown).hasSize(2);
        }
    }

    @Test
    void limitOfTheAlphabet_isForWordPieceAlone_andHasADefault() {
        assertThat(new TokenizerConfig("wordpiece", null, null, null, null).limitAlphabet())
                .isEqualTo(1000);
        assertMessage(
                () -> new TokenizerConfig("bpe", null, null, null, 500), "limit_alphabet: found 500, expected none");
        assertMessage(
                () -> new TokenizerConfig("wordpiece", null, null, null, 0),
                "limit_alphabet: found 0, expected a whole number of at least 1");
    }

    @Test
    void byteLevelBpe_spellsEverything() {
        TrainedTokenizer trained = TokenizerTraining.train(
                new TokenizerConfig("bpe", 300, null, null, null),
                SequenceFormat.ROBERTA,
                CORPUS.iterator(),
                Progress.NONE);
        trained.tokenizer().close();
        assertThat(trained.coverage().isLimited()).isFalse();
        assertThat(trained.coverage().unknownWords()).isZero();
    }

    @Test
    void specialTokens_areFoundByName() {
        assertThat(List.of(UNCASED.padId(), UNCASED.unkId(), UNCASED.clsId(), UNCASED.sepId(), UNCASED.maskId()))
                .containsExactly(0, 1, 2, 3, 4);
        assertThat(List.of(BPE.clsId(), BPE.padId(), BPE.sepId(), BPE.unkId(), BPE.maskId()))
                .containsExactly(0, 1, 2, 3, 4);
        assertThat(UNCASED.isSpecial(4)).isTrue();
        assertThat(UNCASED.isSpecial(5)).isFalse();
        assertThat(UNCASED.vocabularySize()).isLessThanOrEqualTo(400);
    }

    @Test
    void vocabTxt_isReadAsBertsTokenizer(@TempDir Path folder) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int id = 0; id < UNCASED.vocabularySize(); id++) {
            lines.append(UNCASED.token(id)).append('\n');
        }
        Path file = folder.resolve("vocab.txt");
        Files.writeString(file, lines);
        try (Tokenizer loaded = Tokenizer.load(file)) {
            for (String text : TRICKY) {
                assertThat(loaded.encode(List.of(text)).get(0))
                        .isEqualTo(UNCASED.encode(List.of(text)).get(0));
            }
        }
    }

    @Test
    void longTexts_areNeitherCutNorPadded() {
        List<int[]> ids = UNCASED.encode(List.of("quick ".repeat(2000), "fox"));
        assertThat(ids.get(0).length).isGreaterThanOrEqualTo(2000);
        assertThat(ids.get(1).length).isLessThan(4);
    }

    @Test
    void badInput_isNamed(@TempDir Path folder) throws Exception {
        assertMessage(() -> train("wordpiece", 20, true), "tokenizer: vocab_size: found 20, expected at least");
        assertMessage(
                () -> TokenizerTraining.train(
                                new TokenizerConfig("bpe", 400, true, null, null),
                                SequenceFormat.BERT,
                                List.of("", "").iterator(),
                                Progress.NONE)
                        .tokenizer(),
                "tokenizer: the corpus has no word");
        assertMessage(
                () -> new TokenizerConfig("sentencepiece", null, null, null, null), "expected wordpiece, bpe or file");
        assertMessage(
                () -> new TokenizerConfig("file", null, null, null, null), "expected a tokenizer.json or vocab.txt");
        assertMessage(() -> Tokenizer.load(folder.resolve("none.json")), "none.json: no such file");
        assertMessage(() -> Tokenizer.load(write(folder, "a.json", "{")), "a.json: ends in the middle");
        assertMessage(() -> Tokenizer.load(write(folder, "b.json", "{}")), "b.json: model: found");
        assertMessage(
                () -> Tokenizer.load(
                        write(folder, "c.json", "{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"a\":0}}}")),
                "c.json: not a tokenizer.json that Hugging Face's library takes");
    }

    private static Path write(Path folder, String name, String text) {
        try {
            return Files.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void assertMessage(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(InvalidInputException.class).hasMessageContaining(message);
    }

    /** Longest match first (Wu et al. 2016; the original BERT's WordpieceTokenizer). */
    static int[] greedy(Tokenizer tokenizer, boolean lowercase, String text) {
        Map<String, Integer> vocabulary = vocabulary(tokenizer);
        List<Integer> ids = new ArrayList<>();
        new BertText(lowercase).words(text, word -> ids.addAll(pieces(vocabulary, word, tokenizer.unkId())));
        return ids.stream().mapToInt(i -> i).toArray();
    }

    private static List<Integer> pieces(Map<String, Integer> vocabulary, String word, int unknown) {
        int[] characters = word.codePoints().toArray();
        List<Integer> ids = new ArrayList<>();
        int start = 0;
        while (start < characters.length && characters.length <= 100) {
            int end = characters.length;
            Integer id = null;
            while (end > start && id == null) {
                String piece = new String(characters, start, end - start);
                id = vocabulary.get(start == 0 ? piece : "##" + piece);
                end--;
            }
            if (id == null) {
                return List.of(unknown);
            }
            ids.add(id);
            start = end + 1;
        }
        return ids.isEmpty() ? List.of(unknown) : ids;
    }

    private static Map<String, Integer> vocabulary(Tokenizer tokenizer) {
        Map<String, Integer> vocabulary = new HashMap<>();
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
            vocabulary.put(tokenizer.token(id), id);
        }
        return vocabulary;
    }

    /** The merges applied in their order, each everywhere in the word. */
    private static List<Integer> merged(String word) {
        List<String> symbols = new ArrayList<>();
        word.chars().forEach(c -> symbols.add(String.valueOf((char) c)));
        for (String merge : merges()) {
            String[] parts = merge.split(" ", 2);
            for (int i = 0; i + 1 < symbols.size(); i++) {
                if (symbols.get(i).equals(parts[0]) && symbols.get(i + 1).equals(parts[1])) {
                    symbols.set(i, parts[0] + parts[1]);
                    symbols.remove(i + 1);
                }
            }
        }
        Map<String, Integer> vocabulary = vocabulary(BPE);
        return symbols.stream().map(vocabulary::get).toList();
    }

    private static List<String> merges() {
        try {
            List<String> merges = new ArrayList<>();
            new com.fasterxml.jackson.databind.ObjectMapper()
                    .readTree(BPE.json())
                    .at("/model/merges")
                    .forEach(m -> merges.add(m.asText()));
            return merges;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
