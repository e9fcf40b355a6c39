package norma.datasets.objectives;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.datasets.Samples;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.datasets.config.DataConfig;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tokens stand in which sequence, of letters that are tokens each. */
@Tag("engine")
class PackingTest {
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

    @TempDir
    Path folder;

    private PretrainingData data(String text, String documents, String packing, int length) {
        return data(text, documents, packing, null, length);
    }

    private PretrainingData data(String text, String documents, String packing, String objective, int length) {
        List<String> vocabulary = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "."));
        LETTERS.chars().forEach(letter -> vocabulary.add(Character.toString(letter)));
        Path tokenizer = Samples.write(folder.resolve("vocab.txt"), String.join("\n", vocabulary) + "\n");
        Path file = Samples.write(folder.resolve("text.txt"), text);
        DataConfig config = new DataConfig(
                "text", List.of(file.toString()), null, documents, 0.0, length, packing, objective, null, null);
        return PretrainingData.prepare(
                config,
                new TokenizerConfig("file", null, null, tokenizer.toString(), null),
                SequenceFormat.BERT,
                1,
                folder.resolve("cache"),
                Progress.NONE);
    }

    /** All sequences, what was hidden in them put back, in the order of their text. */
    private List<String> sequences(String text, String documents, String packing, int length) {
        try (PretrainingData data = data(text, documents, packing, length)) {
            int rows = (int) data.batches().trainingExamples();
            Batch batch = data.batches().trainingBatch(0, rows);
            int[] ids = batch.inputIds().clone();
            for (int i = 0; i < batch.predictedPositions().length; i++) {
                ids[batch.predictedPositions()[i]] = batch.predictedLabels()[i];
            }
            List<String> sequences = new ArrayList<>();
            for (int row = 0; row < rows; row++) {
                int from = row * batch.length();
                sequences.add(text(data.tokenizer(), Arrays.copyOfRange(ids, from, from + batch.lengths()[row])));
            }
            sequences.sort(null);
            return sequences;
        }
    }

    private static String text(Tokenizer tokenizer, int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(
                    id == tokenizer.clsId() ? "<" : id == tokenizer.sepId() ? ">" : tokenizer.decode(new int[] {id}));
        }
        return text.toString();
    }

    private static String spaced(String letters) {
        return letters.replace("", " ").strip();
    }

    @Test
    void sentenceParts_continueALongSentence_soThatNothingIsLost() {
        String text =
                String.join("\n", spaced("ab"), spaced("cdefghi"), spaced("j"), spaced("klmnopqrstuvw"), spaced("xyz"));
        List<String> expected = List.of(
                "<ab>", "<cdefgh>", "<i>", "<j>", "<klmnop>", "<qrstuv>", "<w>", "<xyz>"); // 6 tokens of text in 8
        assertThat(sequences(text, "line", "sentence-parts", 8)).isEqualTo(expected);
        assertThat(sequences(text, "sentence-per-line", "sentence-parts", 8)).isEqualTo(expected);
        assertThat(sequences(spaced("abcdef"), "line", "sentence-parts", 8)).containsExactly("<abcdef>");
        assertThat(sequences(spaced("abcdefghijkl"), "line", "sentence-parts", 8))
                .containsExactly("<abcdef>", "<ghijkl>");
    }

    @Test
    void separatorClosesEverySentence_orEveryDocument() {
        String text = "a b\nc\n\nd e f\ng\nh i\n\n";
        assertThat(sequences(text, "sentence-per-line", "separated-sentences", 8))
                .containsExactly("<ab>c>d>", "<ef>g>h>");
        assertThat(sequences(text, "sentence-per-line", "full", 8)).containsExactly("<abc>de>"); // of 11 tokens
        assertThat(sequences(text, "line", "full", 8)).containsExactly("<ab>c>d>", "<ef>g>h>");
        assertThat(sequences(text, "paragraph", "full", 8)).containsExactly("<abc>de>");
        // a b . > c d . > e f . > g h . > are 16 tokens
        assertThat(sequences("A b. C d. E f. G h.", "paragraph", "separated-sentences", 8))
                .containsExactly("<.>ef.>>", "<ab.>cd>");
    }

    @Test
    void documentsAndSentences_areCounted() {
        String text = "a b\nc\n\nd e f\ng\nh i\n\n";
        try (PretrainingData data = data(text, "sentence-per-line", "separated-sentences", 8)) {
            assertThat(data.documents()).isEqualTo(2);
            assertThat(data.sentences()).hasValue(5);
            assertThat(data.size())
                    .isEqualTo("2 documents, 5 sentences, 14 tokens to train on in 2 sequences, 0 tokens held out");
        }
        try (PretrainingData data = data(text, "paragraph", "full", 8)) {
            assertThat(data.sentences()).isEmpty();
            assertThat(data.size()).isEqualTo("2 documents, 11 tokens to train on in 1 sequence, 0 tokens held out");
        }
    }

    @Test
    void whatSentencePackingCutsOff_isSaid() {
        String text = String.join("\n", spaced("ab"), spaced("cdefghi"), spaced("klmnopqrst"));
        assertThat(sequences(text, "line", "sentence", 8)).containsExactly("<ab>", "<cdefgh>", "<klmnop>");
        try (PretrainingData data = data(text, "line", "sentence", 8)) { // 1 and 4 of 2, 7 and 10 letters
            assertThat(data.doubts())
                    .containsExactly("data.packing: sentence cuts off what exceeds 8 tokens, special ones included: 5"
                            + " tokens, 26.3 % of the training text, in every epoch (data.packing: sentence-parts"
                            + " continues a sentence in further sequences)");
        }
        try (PretrainingData data = data(text, "line", "sentence-parts", 8)) {
            assertThat(data.doubts()).isEmpty();
        }
    }

    @Test
    void whatPairsCutOffAndLeaveOut_isSaid() {
        String text = String.join(
                "\n",
                spaced("ab") + "\n" + spaced("cdefgh") + "\n" + spaced("ij") + "\n", // 8 in room for 6, and 2 left over
                spaced("k") + "\n" + spaced("l") + "\n" + spaced("m") + "\n", // all three are one pair
                spaced("nopq")); // alone
        try (PretrainingData data = data(text, "sentence-per-line", "full", "mlm+nsp", 9)) { // 17 letters
            assertThat(data.batches().trainingExamples()).isEqualTo(2);
            assertThat(data.doubts())
                    .containsExactly(
                            "data.objective: mlm+nsp cuts off what a pair of neighbours has beyond 9 tokens, special ones"
                                    + " included, at its two ends: 2 tokens, 11.8 % of the training text, in an epoch"
                                    + " without random pairs",
                            "data.objective: mlm+nsp pairs no sentence that is alone in its document, or left over at its"
                                    + " end: 6 tokens, 35.3 % of the training text, only used as random second parts");
        }
        String whole = spaced("ab") + "\n" + spaced("cde") + "\n\n" + spaced("fg") + "\n" + spaced("hijk");
        try (PretrainingData data = data(whole, "sentence-per-line", "full", "mlm+nsp", 9)) { // 5 and 6 fit
            assertThat(data.doubts()).isEmpty();
        }
    }

    @Test
    void textWithoutEndsOfSentences_isSaid() {
        String unpunctuated = (spaced(LETTERS + LETTERS) + "\n\n").repeat(3);
        try (PretrainingData data = data(unpunctuated, "paragraph", "sentence", 8)) {
            assertThat(data.doubts().get(0))
                    .contains("text.txt: found 3 sentences of 53 tokens in 3 documents")
                    .endsWith("data.documents: sentence-per-line makes each line a sentence");
        }
        try (PretrainingData data = data(unpunctuated, "sentence-per-line", "sentence-parts", 8)) {
            assertThat(data.doubts()).isEmpty();
        }
        try (PretrainingData data = data("A b. C d.\n\nE f. G h.", "paragraph", "sentence", 8)) {
            assertThat(data.doubts()).isEmpty();
        }
    }
}
