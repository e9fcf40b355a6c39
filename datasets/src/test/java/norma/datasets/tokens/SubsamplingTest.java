package norma.datasets.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import norma.datasets.Samples;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.config.DataConfig;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.SpecialToken;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubsamplingTest {
    @TempDir
    Path folder;

    /** Mikolov et al. (2013) leave a word of share f out with probability 1 - sqrt(t / f). */
    @Test
    @Tag("unit")
    void tokenStays_withTheProbabilityOfThePaper() {
        Subsampling subsampling = new Subsampling(new long[] {9_000, 990, 10, 0, -1}, 0.01);

        assertThat(subsampling.stays(0)).isCloseTo(0.1054, within(5e-5)); // sqrt(0.01 / 0.9)
        assertThat(subsampling.stays(1)).isCloseTo(0.3178, within(5e-5)); // sqrt(0.01 / 0.099)
        assertThat(subsampling.stays(2)).isEqualTo(1); // f = 0.001
        assertThat(subsampling.stays(3)).isEqualTo(1);
        assertThat(subsampling.stays(4)).isEqualTo(1); // never counted, always there
    }

    @Test
    @Tag("engine")
    void frequentWordsBecomeRare_separatorsAndRareWordsStay() throws IOException {
        int words = 40_000;
        long key = CounterHash.key(1, "text");
        Path text = folder.resolve("text.txt"); // nine words of ten are "alpha", one is one of a hundred others
        Files.writeString(
                text,
                IntStream.range(0, words)
                        .mapToObj(i -> (CounterHash.uniform(key, i) < 0.9
                                        ? "alpha"
                                        : "w" + CounterHash.below(key, words + i, 100))
                                + (i % 20 == 19 ? ".\n\n" : ""))
                        .collect(Collectors.joining(" ")));

        try (Tokenizer tokenizer = tokenizer(data(text, "full", null))) {
            TokenizedCorpus whole = tokens(data(text, "full", null), tokenizer);
            TokenizedCorpus thinned = tokens(data(text, "full", 1e-3), tokenizer);
            int alpha = ids(whole.training())[0];
            int other = IntStream.of(ids(whole.training()))
                    .filter(id -> id != alpha && !tokenizer.isSpecial(id))
                    .findFirst()
                    .orElseThrow();
            int separator = tokenizer.require("for the test", SpecialToken.SEP);

            long frequent = count(whole.training(), alpha);
            double share = frequent
                    / (double) (whole.training().tokens() - whole.training().documents());
            double expected = frequent * Math.sqrt(1e-3 / share);
            assertThat(share).isBetween(0.5, 0.95);
            assertThat((double) count(thinned.training(), alpha)).isCloseTo(expected, within(4 * Math.sqrt(expected)));
            assertThat(count(thinned.training(), separator))
                    .isEqualTo(thinned.training().documents());
            assertThat(count(thinned.training(), other) / (double) count(thinned.training(), alpha))
                    .isGreaterThan(5 * count(whole.training(), other) / (double) frequent);
            assertThat(thinned.validation().tokens())
                    .isLessThan(whole.validation().tokens() / 2);
        }
    }

    @Test
    @Tag("engine")
    void sentences_keepTheirSeparators_andNoneStandsAlone() throws IOException {
        Path text = Samples.textFile(folder.resolve("sentences.txt"), 300, 5);
        DataConfig data = data(text, "separated-sentences", 1e-3);

        try (Tokenizer tokenizer = tokenizer(data)) {
            TokenSplit whole =
                    tokens(data(text, "separated-sentences", null), tokenizer).training();
            TokenSplit thinned = tokens(data, tokenizer).training();
            int[] ids = ids(thinned);
            int separator = tokenizer.require("for the test", SpecialToken.SEP);

            assertThat(ids.length).isBetween(1, ids(whole).length / 2);
            assertThat(count(thinned, separator)).isEqualTo(thinned.sentences());
            assertThat(ids[0]).isNotEqualTo(separator);
            assertThat(IntStream.range(1, ids.length).filter(i -> ids[i] == separator && ids[i - 1] == separator))
                    .isEmpty();
        }
    }

    /** Of the same document cut by another rule the tokens are others, although its text is the same. */
    @Test
    @Tag("engine")
    void textCutIntoOtherSentences_isThinnedForItself() throws IOException {
        Path text = Samples.write(
                folder.resolve("lines.txt"), "one line. of two\nand another of two\n".repeat(200) + "end");
        DataConfig file = data(text, "separated-sentences", "file", 0.5);
        try (Tokenizer tokenizer = tokenizer(file)) {
            TokenizedCorpus whole = tokens(file, tokenizer);
            TokenizedCorpus lines = tokens(data(text, "separated-sentences", "sentence-per-line", 0.5), tokenizer);
            assertThat(lines.corpusSha256()).isEqualTo(whole.corpusSha256());
            assertThat(sentences(lines)).isNotEqualTo(sentences(whole));
        }
    }

    @Test
    @Tag("unit")
    void thresholdThatIsNoShare_isRefused() {
        Path text = Path.of("text.txt");
        assertThatThrownBy(() -> data(text, "full", 1.0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("data: subsampling: found 1.0, expected a number above 0 and below 1, such as 1e-4");
        assertThatThrownBy(() -> data(text, "full", -1e-4)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> data(text, "full", Double.NaN)).isInstanceOf(InvalidInputException.class);
    }

    private static DataConfig data(Path text, String packing, Double threshold) {
        return data(text, packing, null, threshold);
    }

    private static DataConfig data(Path text, String packing, String documents, Double threshold) {
        List<String> paths = List.of(text.toString());
        return new DataConfig("text", paths, null, documents, 0.1, 16, packing, "mlm", null, null, null, threshold);
    }

    private Tokenizer tokenizer(DataConfig data) throws IOException {
        CorpusIndex index = new CorpusIndex(folder.resolve("corpora"));
        return new TokenizerCache(folder.resolve("tokenizers"), index)
                .prepare(
                        data.toCorpus(),
                        new TokenizerConfig("wordpiece", 200, null, null, null),
                        SequenceFormat.BERT,
                        Progress.NONE);
    }

    private TokenizedCorpus tokens(DataConfig data, Tokenizer tokenizer) throws IOException {
        TokenCache cache = new TokenCache(folder.resolve("tokens"), new CorpusIndex(folder.resolve("corpora")));
        TokenCache.Options options =
                new TokenCache.Options(data.validationFraction(), data.sentenceMarks(), SpecialToken.SEP);
        return data.subsampling() == null
                ? cache.prepare(data.toCorpus(), tokenizer, options, Progress.NONE)
                : cache.prepareSubsampled(data.toCorpus(), tokenizer, options, data.subsampling(), Progress.NONE);
    }

    private static long sentences(TokenizedCorpus corpus) {
        return corpus.training().sentences() + corpus.validation().sentences();
    }

    private static int[] ids(TokenSplit split) {
        int[] ids = new int[(int) split.tokens()];
        split.copy(0, ids, 0, ids.length);
        return ids;
    }

    private static long count(TokenSplit split, int token) {
        return IntStream.of(ids(split)).filter(id -> id == token).count();
    }
}
