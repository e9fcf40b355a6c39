package norma.datasets.objectives;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import norma.datasets.Samples;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.datasets.batches.Target;
import norma.datasets.config.DataConfig;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.SpecialToken;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an encoder and a decoder read of a text of letters, whose sentences are lines. */
@Tag("engine")
class DenoisingBatchesTest {
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

    @TempDir
    Path folder;

    /** So little is masked of so short sequences that in most of them nothing is: what is left is the order. */
    private PretrainingData data(String text, String packing, int length, double masked) {
        List<String> vocabulary = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "."));
        LETTERS.chars().forEach(letter -> vocabulary.add(Character.toString(letter)));
        Path tokenizer = Samples.write(folder.resolve("vocab.txt"), String.join("\n", vocabulary) + "\n");
        Path file = Samples.write(folder.resolve("text.txt"), text);
        DataConfig config = new DataConfig(
                "text",
                List.of(file.toString()),
                null,
                "sentence-per-line",
                0.0,
                length,
                packing,
                "denoising",
                masked,
                null);
        return PretrainingData.prepare(
                config,
                new TokenizerConfig("file", null, null, tokenizer.toString(), null),
                SequenceFormat.BART,
                1,
                folder.resolve("cache"),
                Progress.NONE);
    }

    private static String spaced(String... sentences) {
        return String.join(
                "\n",
                Arrays.stream(sentences)
                        .map(letters -> letters.replace("", " ").strip())
                        .toList());
    }

    private static String text(Tokenizer tokenizer, int[] ids, int from, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < from + length; i++) {
            int id = ids[i];
            text.append(
                    id == tokenizer.clsId()
                            ? "<"
                            : id == tokenizer.sepId()
                                    ? ">"
                                    : id == tokenizer.id(SpecialToken.MASK).orElseThrow()
                                            ? "_"
                                            : tokenizer.decode(new int[] {id}));
        }
        return text.toString();
    }

    /** What the encoder reads of the first sequence in so many epochs, where nothing of it is masked. */
    private static Set<String> orders(PretrainingData data, int epochs) {
        Set<String> orders = new TreeSet<>();
        for (int epoch = 0; epoch < epochs; epoch++) {
            Batch batch = data.batches().trainingBatch(epoch * data.batches().trainingExamples(), 1);
            String read = text(data.tokenizer(), batch.inputIds(), 0, batch.lengths()[0]);
            if (!read.contains("_")) {
                orders.add(read);
            }
        }
        return orders;
    }

    @Test
    void sentencesOfADocument_standInEveryOrder_andWhatTheDecoderSaysInTheirOwn() {
        String text = spaced("ab", "c", "def"); // and the separator: 7 tokens
        try (PretrainingData data = data(text, "full", 9, 0.001)) {
            assertThat(data.sentences()).hasValue(3);
            assertThat(orders(data, 200))
                    .containsExactlyInAnyOrder(
                            "<abcdef>>", "<abdefc>>", "<cabdef>>", "<cdefab>>", "<defabc>>", "<defcab>>");
            Batch batch = data.batches().trainingBatch(0, 1);
            assertThat(text(data.tokenizer(), batch.target().inputIds(), 0, 9)).isEqualTo("><abcdef>");
            assertThat(text(data.tokenizer(), batch.predictedLabels(), 0, 9)).isEqualTo("<abcdef>>");
            assertThat(batch.predictedPositions()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
        }
    }

    @Test
    void documentsKeepTheirPlaces_andSeparatorsTheirs() {
        String text = spaced("ab", "c") + "\n\n" + spaced("d", "ef"); // 3 letters and a separator each
        try (PretrainingData data = data(text, "full", 10, 0.001)) {
            assertThat(orders(data, 200))
                    .containsExactlyInAnyOrder("<abc>def>>", "<cab>def>>", "<abc>efd>>", "<cab>efd>>");
        }
        try (PretrainingData data = data(text, "separated-sentences", 12, 0.001)) {
            assertThat(orders(data, 200))
                    .containsExactlyInAnyOrder("<ab>c>d>ef>>", "<c>ab>d>ef>>", "<ab>c>ef>d>>", "<c>ab>ef>d>>");
        }
    }

    @Test
    void aSentenceThatASequenceHoldsAPartOf_isPermutedByThatPart() {
        String text = spaced("abcde", "fg", "hijk", "l"); // 12 letters and a separator
        try (PretrainingData data = data(text, "full", 8, 0.001)) { // windows of 6 tokens: abcdef ghijkl
            assertThat(data.batches().trainingExamples()).isEqualTo(2);
            Set<String> seen = new TreeSet<>();
            for (int epoch = 0; epoch < 200; epoch++) {
                Batch batch = data.batches().trainingBatch(2L * epoch, 2);
                for (int row = 0; row < 2; row++) {
                    int from = row * batch.length();
                    seen.add(text(data.tokenizer(), batch.inputIds(), from, batch.lengths()[row]));
                }
            }
            seen.removeIf(read -> read.contains("_"));
            assertThat(seen)
                    .containsExactlyInAnyOrder(
                            "<abcdef>",
                            "<fabcde>",
                            "<ghijkl>",
                            "<glhijk>",
                            "<hijkgl>",
                            "<hijklg>",
                            "<lghijk>",
                            "<lhijkg>");
        }
    }

    @Test
    void ofSentencesAlone_nothingIsPermuted() {
        try (PretrainingData data = data(spaced("abc", "def"), "sentence", 8, 0.001)) {
            assertThat(orders(data, 100)).containsExactlyInAnyOrder("<abc>", "<def>");
        }
    }

    /** Rows of different lengths: sources are padded to the longest source, targets to the longest target. */
    @Test
    void sourcesAndTargets_haveLengthsOfTheirOwn() {
        try (PretrainingData data = data(spaced("abcdefghijklmnopqrst", "uvwxyz"), "sentence", 24, 0.5)) {
            Batch batch = data.batches().trainingBatch(0, 2);
            Target target = batch.target();
            assertThat(target.length()).isEqualTo(22);
            assertThat(batch.length()).isLessThan(22);
            int pad = data.tokenizer().id(SpecialToken.PAD).orElseThrow();
            int at = 0;
            for (int row = 0; row < 2; row++) {
                int n = target.lengths()[row];
                assertThat(target.inputIds()[row * 22])
                        .isEqualTo(data.tokenizer().sepId());
                for (int i = 0; i < n; i++) {
                    assertThat(batch.predictedPositions()[at]).isEqualTo(row * 22 + i);
                    if (i > 0) {
                        assertThat(target.inputIds()[row * 22 + i]).isEqualTo(batch.predictedLabels()[at - 1]);
                    }
                    at++;
                }
                for (int i = n + 1; i < 22; i++) { // the last token said stands at n, in front of no prediction
                    assertThat(target.inputIds()[row * 22 + i]).isEqualTo(pad);
                }
                for (int i = batch.lengths()[row]; i < batch.length(); i++) {
                    assertThat(batch.inputIds()[row * batch.length() + i]).isEqualTo(pad);
                }
            }
            assertThat(at).isEqualTo(batch.predictedLabels().length);
        }
    }

    @Test
    void heldOutText_isDamagedAlwaysAlike_andTrainingTextInEachEpochAnew() {
        try (PretrainingData data = data(spaced(LETTERS, LETTERS, LETTERS), "full", 20, 0.3)) {
            Batch first = data.batches().trainingBatch(0, 1);
            Batch again = data.batches().trainingBatch(0, 1);
            assertThat(again.inputIds()).containsExactly(first.inputIds());
            Set<String> seen = new TreeSet<>();
            for (int epoch = 0; epoch < 8; epoch++) {
                Batch batch =
                        data.batches().trainingBatch(epoch * data.batches().trainingExamples(), 1);
                seen.add(Arrays.toString(batch.inputIds()));
            }
            assertThat(seen).hasSizeGreaterThan(4);
        }
    }

    /** The frame is predicted in every sequence, so it counts among what a guess without context knows. */
    @Test
    void aGuessWithoutContext_knowsHowOftenTheFrameOccurs() {
        try (PretrainingData data = PretrainingData.prepareEvaluation(
                new DataConfig(
                        "text",
                        List.of(Samples.write(folder.resolve("many.txt"), (spaced("aaaaaaaa") + "\n").repeat(400))
                                .toString()),
                        null,
                        "sentence-per-line",
                        0.0,
                        10,
                        "sentence",
                        "denoising",
                        null,
                        null),
                new TokenizerConfig(
                        "file",
                        null,
                        null,
                        Samples.write(folder.resolve("v.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n")
                                .toString(),
                        null),
                SequenceFormat.BART,
                folder.resolve("cache"),
                Progress.NONE)) {
            // of 10 labels one begins and one ends the sequence; the separator of the one document counts little
            double entropy = -(0.8 * Math.log(0.8) + 0.2 * Math.log(0.1));
            assertThat(data.contextFreeLosses(8).unigram())
                    .isCloseTo(entropy, org.assertj.core.api.Assertions.within(0.01));
        }
    }
}
