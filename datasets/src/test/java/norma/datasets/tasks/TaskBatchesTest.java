package norma.datasets.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import norma.datasets.Samples;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class TaskBatchesTest {
    private static final TaskKind CLASSES = new TaskKind.Classification(List.of("no", "yes"));

    @TempDir
    Path folder;

    private static LabelledSplit split(List<LabelledExample> examples) {
        return new LabelledSplit("train", "test", examples);
    }

    /** Texts of different lengths; example i has class i % 2. */
    private static List<LabelledExample> examples(int count, boolean pairs) {
        List<LabelledExample> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String second = pairs ? Samples.sentences(10_000 + i, 1 + i % 3) : null;
            examples.add(new LabelledExample(Samples.sentences(i, 1 + i % 4), second, new Label.OneClass(i % 2)));
        }
        return examples;
    }

    @Test
    void truncationOfPairs_isHuggingFaces() throws IOException {
        try (Tokenizer tokenizer = Samples.tokenizer(folder)) {
            for (int maxLength = 5; maxLength <= 12; maxLength++) {
                try (HuggingFaceTokenizer judge = judge(tokenizer, maxLength)) {
                    for (int a = 0; a <= 10; a++) {
                        for (int b = 0; b <= 10; b++) {
                            assertLikeJudge(tokenizer, judge, maxLength, "time ".repeat(a), "year ".repeat(b));
                        }
                    }
                }
            }
        }
    }

    @Test
    void randomPairsAndSingleTexts_areEncodedAsHuggingFaceDoes() throws IOException {
        try (Tokenizer tokenizer = Samples.tokenizer(folder);
                HuggingFaceTokenizer judge = judge(tokenizer, 24)) {
            SplittableRandom random = new SplittableRandom(5);
            for (int i = 0; i < 300; i++) {
                String first = Samples.sentences(random.nextLong(), random.nextInt(1, 4));
                String second = Samples.sentences(random.nextLong(), random.nextInt(1, 4));
                assertLikeJudge(tokenizer, judge, 24, first, random.nextBoolean() ? second : null);
            }
        }
    }

    private static HuggingFaceTokenizer judge(Tokenizer tokenizer, int maxLength) throws IOException {
        return HuggingFaceTokenizer.newInstance(
                new ByteArrayInputStream(tokenizer.json().getBytes(StandardCharsets.UTF_8)),
                Map.of(
                        "addSpecialTokens",
                        "true",
                        "padding",
                        "false",
                        "truncation",
                        "longest_first",
                        "maxLength",
                        Integer.toString(maxLength),
                        "modelMaxLength",
                        Integer.toString(maxLength)));
    }

    private static void assertLikeJudge(
            Tokenizer tokenizer, HuggingFaceTokenizer judge, int maxLength, String first, String second) {
        Encoding expected = second == null ? judge.encode(first) : judge.encode(first, second);
        LabelledSplit one = split(List.of(new LabelledExample(first, second, new Label.OneClass(0))));
        EncodedSplit encoded = new EncodedSplit(tokenizer, SequenceFormat.BERT, CLASSES, one, maxLength);
        LabelledBatch batch = encoded.batch(new int[] {0});
        assertThat(encoded.truncated()).isEqualTo(expected.exceedMaxLength() ? 1 : 0);
        assertThat(longs(batch.inputs().inputIds()))
                .as("%s + %s in %d", first, second, maxLength)
                .isEqualTo(expected.getIds());
        assertThat(longs(batch.inputs().tokenTypeIds())).isEqualTo(expected.getTypeIds());
    }

    private static long[] longs(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    @Test
    void batch_isPaddedToItsLongestExampleAndCarriesLabels() {
        try (Tokenizer tokenizer = Samples.tokenizer(folder)) {
            List<LabelledExample> examples = List.of(
                    new LabelledExample("time year", "way", new Label.Several(List.of(2, 0))),
                    new LabelledExample("day", "man", new Label.Several(List.of())));
            TaskKind kind = new TaskKind.MultiLabel(List.of("a", "b", "c"));
            LabelledBatch batch = new EncodedSplit(tokenizer, SequenceFormat.BERT, kind, split(examples), 128)
                    .batch(new int[] {1, 0});
            assertThat(batch.inputs().length()).isEqualTo(6);
            assertThat(batch.inputs().lengths()).containsExactly(5, 6);
            assertThat(batch.inputs().inputIds()[5]).isEqualTo(tokenizer.padId());
            assertThat(batch.inputs().tokenTypeIds()).containsExactly(0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1);
            assertThat(batch.inputs().predictedPositions()).isEmpty();
            assertThat(batch.targets()).containsExactly(0, 0, 0, 1, 0, 1);
            assertThat(batch.classes()).isEmpty();
            assertThat(batch.exampleIndices()).containsExactly(1, 0);
            assertThatThrownBy(() -> new EncodedSplit(tokenizer, SequenceFormat.BERT, kind, split(examples), 4))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage(
                            "test: longest sequence: found 4 tokens, expected at least 5, for special tokens and one"
                                    + " of each text");
        }
    }

    @Test
    void everyEpoch_hasEveryExampleOnceInAnotherOrder() {
        try (Tokenizer tokenizer = Samples.tokenizer(folder)) {
            EncodedSplit split =
                    new EncodedSplit(tokenizer, SequenceFormat.BERT, CLASSES, split(examples(1003, true)), 128);
            TaskBatches batches = new TaskBatches(split, 8, 42);
            assertThat(batches.batchesPerEpoch()).isEqualTo(126);
            List<List<Integer>> epochs = new ArrayList<>();
            for (int epoch = 0; epoch < 3; epoch++) {
                List<Integer> seen = new ArrayList<>();
                int small = 0;
                for (int b = 0; b < 126; b++) {
                    LabelledBatch batch = batches.batch(epoch * 126L + b);
                    small += batch.rows() < 8 ? 1 : 0;
                    for (int row = 0; row < batch.rows(); row++) {
                        seen.add(batch.exampleIndices()[row]);
                        assertThat(batch.classes()[row]).isEqualTo(batch.exampleIndices()[row] % 2);
                    }
                }
                assertThat(small).isEqualTo(1);
                assertThat(seen)
                        .containsExactlyInAnyOrderElementsOf(
                                IntStream.range(0, 1003).boxed().toList());
                epochs.add(seen);
            }
            assertThat(epochs).doesNotHaveDuplicates();
        }
    }

    @Test
    void batch_isAFunctionOfSeedAndStepAlone() {
        try (Tokenizer tokenizer = Samples.tokenizer(folder)) {
            EncodedSplit split =
                    new EncodedSplit(tokenizer, SequenceFormat.BERT, CLASSES, split(examples(200, false)), 128);
            TaskBatches forwards = new TaskBatches(split, 16, 7);
            TaskBatches backwards = new TaskBatches(split, 16, 7);
            List<int[]> rows = new ArrayList<>();
            for (int step = 0; step < 39; step++) {
                rows.add(forwards.batch(step).exampleIndices());
            }
            for (int step = 38; step >= 0; step--) {
                assertThat(backwards.batch(step).exampleIndices()).isEqualTo(rows.get(step));
            }
            assertThat(new TaskBatches(split, 16, 8).batch(0).exampleIndices()).isNotEqualTo(rows.get(0));
        }
    }

    @Test
    void orderOfASeed_staysWhatItIs() {
        try (Tokenizer tokenizer = Samples.tokenizer(folder)) {
            EncodedSplit split =
                    new EncodedSplit(tokenizer, SequenceFormat.BERT, CLASSES, split(examples(200, false)), 128);
            // as first drawn: with another order no earlier result can be had again
            assertThat(new TaskBatches(split, 4, 42).batch(0).exampleIndices()).containsExactly(139, 18, 178, 175);
            assertThat(new TaskBatches(split, 4, 42).batch(51).exampleIndices()).containsExactly(176, 136, 80, 40);
        }
    }

    @Test
    void batches_haveLittlePadding_butTheirOrderIsNotThatOfLength() {
        try (Tokenizer tokenizer = Samples.tokenizer(folder)) {
            EncodedSplit split =
                    new EncodedSplit(tokenizer, SequenceFormat.BERT, CLASSES, split(examples(1600, true)), 128);
            TaskBatches batches = new TaskBatches(split, 16, 1);
            long padded = 0;
            long tokens = 0;
            List<Integer> lengths = new ArrayList<>();
            for (int step = 0; step < batches.batchesPerEpoch(); step++) {
                LabelledBatch batch = batches.batch(step);
                padded += (long) batch.rows() * batch.inputs().length();
                tokens += batch.inputs().tokens();
                lengths.add(batch.inputs().length());
            }
            assertThat(tokens / (double) padded).isGreaterThan(0.95); // in random order about 0.6
            assertThat(lengths).isNotEqualTo(lengths.stream().sorted().toList());
            long rising = IntStream.range(1, lengths.size())
                    .filter(i -> lengths.get(i) > lengths.get(i - 1))
                    .count();
            assertThat(rising).isBetween(30L, 70L); // of 99: neither sorted up nor down
        }
    }

    @Test
    void textsOfAllLengths_areProcessedAtHardlyMoreThanTheirTokens() {
        try (Tokenizer tokenizer = Samples.tokenizer(folder)) {
            int longest = 128;
            List<LabelledExample> examples = IntStream.range(0, 50 * 32)
                    .mapToObj(i -> new LabelledExample("time ".repeat(1 + i % 126), null, new Label.OneClass(0)))
                    .toList();
            EncodedSplit split = new EncodedSplit(tokenizer, SequenceFormat.BERT, CLASSES, split(examples), longest);
            TaskBatches batches = new TaskBatches(split, 32, 3);
            long tokens = 0;
            long processed = 0;
            for (int step = 0; step < batches.batchesPerEpoch(); step++) {
                LabelledBatch batch = batches.batch(step);
                tokens += batch.inputs().tokens();
                processed += (long) batch.rows() * batch.inputs().length();
            }
            double padded = 50.0 * 32 * longest; // if every batch had the longest's shape
            assertThat(tokens / padded).isBetween(0.48, 0.52);
            assertThat(processed / padded).isLessThan(0.53);
        }
    }

    @Test
    void evaluationResults_comeBackInTheOrderOfTheExamples() {
        try (Tokenizer tokenizer = Samples.tokenizer(folder)) {
            List<LabelledExample> examples = examples(50, false);
            EncodedSplit split = new EncodedSplit(tokenizer, SequenceFormat.BERT, CLASSES, split(examples), 128);
            float[] ofSplit = new float[100];
            int longest = Integer.MAX_VALUE;
            for (LabelledBatch batch : split.evaluationBatches(8)) {
                assertThat(batch.inputs().length()).isLessThanOrEqualTo(longest);
                longest = batch.inputs().length();
                float[] outputs = new float[batch.rows() * 2];
                for (int row = 0; row < batch.rows(); row++) {
                    outputs[2 * row] = batch.inputs().lengths()[row];
                    outputs[2 * row + 1] = batch.classes()[row];
                }
                batch.scatter(outputs, ofSplit);
            }
            for (int i = 0; i < 50; i++) {
                assertThat(ofSplit[2 * i]).isEqualTo(split.length(i));
                assertThat(ofSplit[2 * i + 1]).isEqualTo(i % 2);
            }
        }
    }

    @Test
    void outputs_areReadAsPredictions() {
        List<LabelledExample> examples = examples(4, false);
        LabelledTask task = new LabelledTask(
                "t",
                CLASSES,
                split(examples),
                List.of(split(examples)),
                List.of(norma.datasets.metrics.Metric.ACCURACY),
                List.of(norma.datasets.metrics.Metric.ACCURACY));
        float[] outputs = {1, 0, -3, -2, 0, 1, 0.5f, 0.5f}; // classes 0, 1, 1 and, of equal ones, 0
        var scores = task.scores(task.train(), outputs);
        assertThat(task.headline(scores)).isEqualTo(0.5);
        outputs[3] = Float.NaN;
        assertThatThrownBy(() -> task.scores(task.train(), outputs))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("output 1 of example 1 is NaN");
    }
}
