package norma.datasets.objectives;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import norma.datasets.Samples;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.datasets.config.DataConfig;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.TokenizerConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that begin with the running text before their sequence. */
@Tag("engine")
class RememberedTextTest {
    private static final int LENGTH = 12;
    private static final int TEXT = LENGTH - 2; // <sep> and <cls>

    @TempDir
    Path folder;

    private PretrainingData data(int memory) {
        String vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"
                + IntStream.range(0, 400).mapToObj(i -> "w" + i).collect(Collectors.joining("\n")) + "\n";
        Path tokenizer = Samples.write(folder.resolve("vocab.txt"), vocabulary);
        String text = IntStream.range(0, 400).mapToObj(i -> "w" + i).collect(Collectors.joining(" "));
        Path file = Samples.write(folder.resolve("text.txt"), text);
        DataConfig config = new DataConfig(
                "text", List.of(file.toString()), null, null, 0.0, LENGTH, null, "plm", null, null, memory, null);
        return PretrainingData.prepare(
                config,
                new TokenizerConfig("file", null, null, tokenizer.toString(), null),
                SequenceFormat.XLNET,
                1,
                folder.resolve("cache-" + memory),
                Progress.NONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 25})
    void aRow_beginsWithTheTokensBeforeItsSequence(int memory) {
        try (PretrainingData data = data(memory);
                PretrainingData without = data(0)) {
            int rows = (int) data.batches().trainingExamples();
            assertThat(rows)
                    .isEqualTo((int) without.batches().trainingExamples())
                    .isEqualTo(40);
            Batch batch = data.batches().trainingBatch(0, rows);
            Batch plain = without.batches().trainingBatch(0, rows);
            for (int row = 0; row < rows; row++) {
                int[] ids = row(batch, row);
                int[] sequence = row(plain, row);
                int remembered = batch.hidden().remembered(row);
                assertThat(Arrays.copyOfRange(ids, remembered, ids.length)).isEqualTo(sequence);
                int first = sequence[0]; // words' ids ascend along the text
                int before = first - 5;
                assertThat(remembered).isEqualTo(Math.min(memory, before));
                assertThat(Arrays.copyOf(ids, remembered))
                        .isEqualTo(IntStream.range(first - remembered, first).toArray());
            }
            assertThat(batch.length()).isEqualTo(LENGTH + memory);
        }
    }

    private static int[] row(Batch batch, int row) {
        int from = row * batch.length();
        return Arrays.copyOfRange(batch.inputIds(), from, from + batch.lengths()[row]);
    }

    @Test
    void whatIsPredicted_isOfTheSequence_andTheMemoryIsSeenAndSeesNothingOfIt() {
        try (PretrainingData data = data(TEXT)) {
            Batch batch = data.batches().trainingBatch(0, 400); // ten epochs
            boolean[] predicted = new boolean[LENGTH];
            for (int position : batch.predictedPositions()) {
                int row = position / batch.length();
                int place = position % batch.length() - batch.hidden().remembered(row);
                assertThat(place).isBetween(0, TEXT - 1);
                predicted[place] = true;
            }
            assertThat(IntStream.range(0, TEXT)).allMatch(place -> predicted[place]);
            for (int row = 0; row < batch.rows(); row++) {
                int remembered = batch.hidden().remembered(row);
                for (int query = 0; query < batch.lengths()[row]; query++) {
                    for (int key = 0; key < remembered; key++) {
                        assertThat(batch.hidden().hides(row, query, key)).isFalse();
                        assertThat(batch.hidden().hides(row, key, Math.max(query, remembered)))
                                .isTrue();
                    }
                }
            }
        }
    }

    /** The draws of a sequence do not depend on what it remembers. */
    @Test
    void spansAndOrder_areThoseWithoutAMemory() {
        try (PretrainingData data = data(7);
                PretrainingData without = data(0)) {
            Batch batch = data.batches().trainingBatch(0, 40);
            Batch plain = without.batches().trainingBatch(0, 40);
            assertThat(Arrays.stream(batch.predictedPositions())
                            .map(i -> i / batch.length() * LENGTH
                                    + i % batch.length()
                                    - batch.hidden().remembered(i / batch.length()))
                            .toArray())
                    .isEqualTo(plain.predictedPositions());
            assertThat(batch.predictedLabels()).isEqualTo(plain.predictedLabels());
        }
    }
}
