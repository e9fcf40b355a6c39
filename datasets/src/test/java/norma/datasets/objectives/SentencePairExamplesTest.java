package norma.datasets.objectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import norma.datasets.Samples;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.datasets.config.DataConfig;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.SequenceFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
class SentencePairExamplesTest {
    @TempDir
    Path folder;

    private PretrainingData data(Path text, int length) {
        return PretrainingData.prepare(
                Samples.data(text, "full", "mlm+nsp", length),
                Samples.tokenizerConfig(folder),
                SequenceFormat.BERT,
                3,
                folder.resolve("cache"),
                Progress.NONE);
    }

    @Test
    void pairs_areNeighboursOrOfTwoDocuments_asTheirLabelSays() {
        Path text = Samples.textFile(folder.resolve("text.txt"), 300, 7);
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            documents.add(Samples.sentences(i, 1 + i % 7).toLowerCase(Locale.ROOT));
        }
        for (int length : new int[] {24, 64}) {
            try (PretrainingData data = data(text, length)) {
                int random = 0;
                int rows = 0;
                long tokensNext = 0;
                long tokensRandom = 0;
                for (long first = 0; first < 3000; first += 20) {
                    Batch batch = data.batches().trainingBatch(first, 20);
                    for (int row = 0; row < 20; row++) {
                        Pair pair = pair(data, batch, row);
                        String both = pair.a + " " + pair.b;
                        boolean neighbours = documents.stream().anyMatch(d -> d.contains(both));
                        boolean label = batch.nextSentenceLabels()[row] == 1;
                        assertThat(neighbours).as(both).isEqualTo(!label);
                        assertThat(documents).as(pair.a).anyMatch(d -> d.contains(pair.a));
                        assertThat(documents).as(pair.b).anyMatch(d -> d.contains(pair.b));
                        random += label ? 1 : 0;
                        rows++;
                        tokensRandom += label ? batch.lengths()[row] : 0;
                        tokensNext += label ? 0 : batch.lengths()[row];
                    }
                    assertThat(Arrays.stream(batch.lengths()).max().orElseThrow())
                            .isEqualTo(batch.length())
                            .isLessThanOrEqualTo(length);
                }
                System.out.printf(
                        "length %d: %d of %d pairs random; mean tokens %.1f next, %.1f random%n",
                        length, random, rows, tokensNext / (double) (rows - random), tokensRandom / (double) random);
                assertThat(random / (double) rows).isBetween(0.5 - 2.5 / Math.sqrt(rows), 0.5 + 2.5 / Math.sqrt(rows));
            }
        }
    }

    @Test
    void endsAndLengths_doNotTellTheLabel() {
        int[] longest = {6, 60}; // sentences of about 9 tokens
        int[] lengths = {128, 64};
        double[] lengthsApart = {0.1, 0.01}; // as a share of the mean
        for (int i = 0; i < longest.length; i++) {
            Path text = Samples.textFile(folder.resolve("longest" + longest[i] + ".txt"), 300, longest[i]);
            Ends next = new Ends();
            Ends random = new Ends();
            try (PretrainingData data = data(text, lengths[i])) {
                for (long first = 0; first < 6000; first += 20) {
                    Batch batch = data.batches().trainingBatch(first, 20);
                    for (int row = 0; row < 20; row++) {
                        Ends ends = batch.nextSentenceLabels()[row] == 1 ? random : next;
                        ends.add(pair(data, batch, row).b.endsWith("."), batch.lengths()[row]);
                    }
                }
            }
            System.out.printf(
                    "documents of up to %d sentences, length %d: %.3f next, %.3f random end with a sentence;"
                            + " mean tokens %.1f and %.1f%n",
                    longest[i],
                    lengths[i],
                    next.sentenceShare(),
                    random.sentenceShare(),
                    next.meanTokens(),
                    random.meanTokens());
            double share = (next.sentenceShare() + random.sentenceShare()) / 2;
            double error = Math.sqrt(share * (1 - share) * (1.0 / next.rows + 1.0 / random.rows));
            assertThat(random.sentenceShare()).isCloseTo(next.sentenceShare(), within(3 * error));
            assertThat(random.meanTokens()).isCloseTo(next.meanTokens(), within(lengthsApart[i] * next.meanTokens()));
        }
    }

    private static final class Ends {
        private int rows;
        private int sentences;
        private long tokens;

        void add(boolean sentence, int length) {
            rows++;
            sentences += sentence ? 1 : 0;
            tokens += length;
        }

        double sentenceShare() {
            return sentences / (double) rows;
        }

        double meanTokens() {
            return tokens / (double) rows;
        }
    }

    private record Pair(String a, String b) {}

    private static Pair pair(PretrainingData data, Batch batch, int row) {
        int[] ids = batch.inputIds().clone();
        for (int i = 0; i < batch.predictedPositions().length; i++) {
            ids[batch.predictedPositions()[i]] = batch.predictedLabels()[i];
        }
        int from = row * batch.length();
        int end = from + batch.lengths()[row];
        int second = from;
        while (batch.tokenTypeIds()[second] == 0) {
            second++;
        }
        assertThat(ids[from]).isEqualTo(data.tokenizer().clsId());
        assertThat(ids[second - 1]).isEqualTo(data.tokenizer().sepId());
        assertThat(ids[end - 1]).isEqualTo(data.tokenizer().sepId());
        assertThat(second - from).isGreaterThan(2);
        assertThat(end - second).isGreaterThan(1);
        for (int i = second; i < from + batch.length(); i++) {
            assertThat(batch.tokenTypeIds()[i]).isEqualTo(i < end ? 1 : 0);
        }
        return new Pair(
                text(data, Arrays.copyOfRange(ids, from + 1, second - 1)),
                text(data, Arrays.copyOfRange(ids, second, end - 1)));
    }

    private static String text(PretrainingData data, int[] ids) {
        return data.tokenizer().decode(ids).replace("##", "").replace(" .", ".");
    }

    @Test
    void epochs_pairAnew() {
        try (PretrainingData data = data(Samples.textFile(folder.resolve("text.txt"), 50, 9), 64)) {
            long examples = data.batches().trainingExamples();
            Batch now = data.batches().trainingBatch(0, (int) examples);
            Batch later = data.batches().trainingBatch(examples, (int) examples);
            assertThat(later.inputIds()).isNotEqualTo(now.inputIds());
        }
    }

    @Test
    void corpusWithoutTwoSentencesInADocument_isRefused() {
        assertThatThrownBy(() -> data(Samples.textFile(folder.resolve("single.txt"), 40, 1), 64))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("data.objective: found mlm+nsp")
                .hasMessageContaining("one of them with two sentences")
                .hasMessageContaining("single.txt");
    }

    /** The format of Google's create_pretraining_data.py: a sentence a line, a blank line between documents. */
    @Test
    void sentencePerLine_pairsTheLines() {
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < 40; i++) { // without the punctuation that would tell sentences
            documents.add(Samples.sentences(i, 6).replace(". ", "\n").replace(".", ""));
        }
        Path text = Samples.write(folder.resolve("lines.txt"), String.join("\n\n", documents));
        List<String> lines = documents.stream()
                .flatMap(String::lines)
                .map(line -> line.toLowerCase(Locale.ROOT))
                .toList();
        DataConfig config = new DataConfig(
                "text", List.of(text.toString()), null, "sentence-per-line", 0.2, 64, null, "mlm+nsp", null, null);
        try (PretrainingData data = PretrainingData.prepare(
                config,
                Samples.tokenizerConfig(folder),
                SequenceFormat.BERT,
                3,
                folder.resolve("cache"),
                Progress.NONE)) {
            assertThat(data.documents()).isEqualTo(40);
            assertThat(data.sentences()).hasValue(240);
            int examples = (int) data.batches().trainingExamples();
            Batch batch = data.batches().trainingBatch(0, examples);
            for (int row = 0; row < examples; row++) {
                Pair pair = pair(data, batch, row);
                assertThat(lines).as("begins with a line").anyMatch(line -> pair.b.startsWith(line));
                assertThat(lines).as("ends with a line").anyMatch(line -> pair.a.endsWith(line));
            }
        }
    }

    @Test
    void corpusOfOneDocument_isRefused() {
        Path text = Samples.write(folder.resolve("one.txt"), Samples.sentences(1, 50));
        assertThatThrownBy(() -> data(text, 64))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("expected at least two documents");
    }
}
