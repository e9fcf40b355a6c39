package norma.datasets.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import norma.datasets.Samples;
import norma.datasets.base.Progress;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.SequenceFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
class TokenBatchesTest {
    private static final int LENGTH = 16;

    @TempDir
    Path folder;

    private PretrainingData data(String packing, long seed) {
        Path text = folder.resolve("text.txt");
        Samples.textFile(text, 200, 5);
        return PretrainingData.prepare(
                Samples.data(text, packing, "mlm", LENGTH),
                Samples.tokenizerConfig(folder),
                SequenceFormat.BERT,
                seed,
                folder.resolve("cache"),
                Progress.NONE);
    }

    @Test
    void epoch_hasEverySequenceOnce_andUnmaskedTheyAreTheRunningText() {
        try (PretrainingData data = data("full", 1)) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                expected.add(Samples.sentences(i, 1 + i % 5).toLowerCase(java.util.Locale.ROOT));
            }
            for (int epoch = 0; epoch < 2; epoch++) {
                List<String> windows = texts(data, epoch);
                assertThat(windows).doesNotHaveDuplicates();
                // every window is found in the running text of the corpus
                String running = String.join(" ", expected).replace(" .", ".");
                for (String window : windows) {
                    for (String document : window.split("\\[SEP\\]", -1)) {
                        assertThat(running).contains(document.strip());
                    }
                }
            }
            long perWindow = LENGTH - 2;
            assertThat(data.batches().trainingExamples()).isEqualTo(data.trainingTokens() / perWindow);
            assertThat(data.documents()).isEqualTo(200);
        }
    }

    /** The sequences of an epoch in the order of the text of their batches, masks taken back. */
    private static List<String> texts(PretrainingData data, long epoch) {
        BatchSource batches = data.batches();
        int examples = (int) batches.trainingExamples();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < examples; i++) {
            Batch batch = batches.trainingBatch(epoch * examples + i, 1);
            int[] ids = unmasked(batch);
            assertThat(ids[0]).isEqualTo(data.tokenizer().clsId());
            assertThat(ids[LENGTH - 1]).isEqualTo(data.tokenizer().sepId());
            StringBuilder text = new StringBuilder();
            int from = 1;
            for (int at = 1; at < LENGTH; at++) {
                if (ids[at] == data.tokenizer().sepId()) {
                    text.append(data.tokenizer().decode(Arrays.copyOfRange(ids, from, at)));
                    text.append(at == LENGTH - 1 ? "" : "[SEP]");
                    from = at + 1;
                }
            }
            texts.add(text.toString().replace("##", ""));
        }
        return texts;
    }

    private static int[] unmasked(Batch batch) {
        int[] ids = batch.inputIds().clone();
        for (int i = 0; i < batch.predictedPositions().length; i++) {
            ids[batch.predictedPositions()[i]] = batch.predictedLabels()[i];
        }
        return ids;
    }

    @Test
    void epochs_haveTheSameSequencesInAnotherOrderWithOtherMasks() {
        try (PretrainingData data = data("full", 1)) {
            List<String> first = texts(data, 0);
            List<String> second = texts(data, 1);
            assertThat(second).isNotEqualTo(first).containsExactlyInAnyOrderElementsOf(first);
            int shown = first.indexOf(second.get(0));
            Batch now = data.batches().trainingBatch(shown, 1);
            Batch later = data.batches().trainingBatch(data.batches().trainingExamples(), 1);
            assertThat(unmasked(later)).isEqualTo(unmasked(now));
            long differing = 0;
            for (int i = 0; i < first.size(); i++) {
                Batch a = data.batches().trainingBatch(first.indexOf(second.get(i)), 1);
                Batch b = data.batches().trainingBatch(data.batches().trainingExamples() + i, 1);
                differing += Arrays.equals(a.predictedPositions(), b.predictedPositions()) ? 0 : 1;
            }
            assertThat(differing).isGreaterThan(first.size() / 2);
        }
    }

    @Test
    void seed_decidesOrderAndMasks_butNotTheHeldOutSequences() {
        try (PretrainingData one = data("full", 1);
                PretrainingData again = data("full", 1);
                PretrainingData two = data("full", 2)) {
            assertSame(one.batches().trainingBatch(40, 8), again.batches().trainingBatch(40, 8));
            assertThat(texts(two, 0)).isNotEqualTo(texts(one, 0));
            int held = one.batches().validationExamples();
            assertThat(held).isGreaterThan(4);
            assertSame(one.batches().validationBatch(0, held), two.batches().validationBatch(0, held));
            assertThatThrownBy(() -> one.batches().validationBatch(held - 1, 2))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void batch_isTheSameWhateverWasAskedBeforeAndOnWhicheverThread() throws Exception {
        try (PretrainingData data = data("full", 1)) {
            BatchSource batches = data.batches();
            List<Integer> firsts = new ArrayList<>();
            TreeMap<Integer, Batch> expected = new TreeMap<>();
            for (int first = 0; first < 300; first += 3) {
                firsts.add(first);
                expected.put(first, batches.trainingBatch(first, 6));
            }
            Collections.shuffle(firsts, new Random(1));
            ExecutorService threads = Executors.newFixedThreadPool(4);
            try {
                List<Future<Batch>> found = new ArrayList<>();
                for (int first : firsts) {
                    found.add(threads.submit(() -> batches.trainingBatch(first, 6)));
                }
                for (int i = 0; i < firsts.size(); i++) {
                    assertSame(found.get(i).get(), expected.get(firsts.get(i)));
                }
            } finally {
                threads.shutdown();
            }
        }
    }

    @Test
    void rows_doNotDependOnHowABatchIsCut() {
        try (PretrainingData data = data("full", 1)) {
            Batch whole = data.batches().trainingBatch(10, 8);
            for (int row = 0; row < 8; row++) {
                Batch single = data.batches().trainingBatch(10 + row, 1);
                assertThat(single.inputIds())
                        .isEqualTo(Arrays.copyOfRange(whole.inputIds(), row * LENGTH, (row + 1) * LENGTH));
            }
            assertThat(whole.hasPadding()).isFalse();
            assertThat(whole.nextSentenceLabels()).isNull();
            assertThat(whole.tokens()).isEqualTo(8 * LENGTH);
        }
    }

    @Test
    void sentencePacking_givesOneSentenceASequence_paddedToTheLongestOfTheBatch() {
        try (PretrainingData data = data("sentence", 1)) {
            int pad = data.tokenizer().padId();
            boolean shorter = false;
            for (int first = 0; first < 400; first += 8) {
                Batch batch = data.batches().trainingBatch(first, 8);
                assertThat(batch.length())
                        .isEqualTo(Arrays.stream(batch.lengths()).max().orElseThrow())
                        .isLessThanOrEqualTo(LENGTH);
                shorter |= batch.length() < LENGTH;
                for (int row = 0; row < 8; row++) {
                    int from = row * batch.length();
                    int[] ids = Arrays.copyOfRange(unmasked(batch), from, from + batch.lengths()[row]);
                    assertThat(ids[0]).isEqualTo(data.tokenizer().clsId());
                    assertThat(ids[ids.length - 1]).isEqualTo(data.tokenizer().sepId());
                    String text = data.tokenizer().decode(Arrays.copyOfRange(ids, 1, ids.length - 1));
                    assertThat(text.indexOf('.')).isIn(-1, text.length() - 1); // one sentence, or its beginning
                    for (int i = batch.lengths()[row]; i < batch.length(); i++) {
                        assertThat(batch.inputIds()[from + i]).isEqualTo(pad);
                    }
                }
                assertThat(batch.tokenTypeIds()).containsOnly(0);
            }
            assertThat(shorter).isTrue();
        }
    }

    static void assertSame(Batch actual, Batch expected) {
        assertThat(actual.inputIds()).isEqualTo(expected.inputIds());
        assertThat(actual.tokenTypeIds()).isEqualTo(expected.tokenTypeIds());
        assertThat(actual.lengths()).isEqualTo(expected.lengths());
        assertThat(actual.predictedPositions()).isEqualTo(expected.predictedPositions());
        assertThat(actual.predictedLabels()).isEqualTo(expected.predictedLabels());
        assertThat(actual.nextSentenceLabels()).isEqualTo(expected.nextSentenceLabels());
    }
}
