package norma.datasets.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import norma.datasets.Samples;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.config.DataConfig;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.SpecialToken;
import norma.datasets.tokenizer.TokenizerConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objectives and formats from text to batches. */
@Tag("engine")
class ObjectiveBatchesTest {
    private static final int LENGTH = 8;

    @TempDir
    Path folder;

    private PretrainingData data(
            String text, String objective, TokenizerConfig tokenizer, SequenceFormat format, double heldOut) {
        Path file = Samples.write(folder.resolve("text.txt"), text);
        DataConfig config = new DataConfig(
                "text", List.of(file.toString()), null, null, heldOut, LENGTH, null, objective, null, null);
        return PretrainingData.prepare(config, tokenizer, format, 1, folder.resolve("cache"), Progress.NONE);
    }

    @Test
    void aCausalLanguageModel_readsTheRunningTextAndPredictsEveryNextToken() {
        TokenizerConfig gpt2 = Samples.gpt2TokenizerConfig(folder);
        // hello is 15, Ġwor ld are 18 19, the end of a text is 20: of 12 tokens one window of 8 is cut
        String text = "hello world world\n\nhello world hello\n\n";
        // documents: 15 18 19 18 19 20 | 15 18 19 9 15 20
        try (PretrainingData data = data(text, "clm", gpt2, SequenceFormat.GPT2, 0)) {
            assertThat(data.trainingTokens()).isEqualTo(12);
            assertThat(data.batches().trainingExamples()).isEqualTo(1);
            Batch batch = data.batches().trainingBatch(0, 2); // the only window, in two epochs
            for (int row = 0; row < 2; row++) {
                assertThat(Arrays.copyOfRange(batch.inputIds(), row * LENGTH, (row + 1) * LENGTH))
                        .containsExactly(15, 18, 19, 18, 19, 20, 15, 18);
            }
            assertThat(batch.predictedPositions()).containsExactly(0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14);
            assertThat(batch.predictedLabels()).containsExactly(18, 19, 18, 19, 20, 15, 18, 18, 19, 18, 19, 20, 15, 18);
            assertThat(batch.tokenTypeIds()).containsOnly(0);
            assertThat(batch.hasPadding()).isFalse();
            assertThat(batch.nextSentenceLabels()).isNull();
        }
    }

    @Test
    void aPermutationLanguageModel_leavesTheTextAsItIs_andHidesInItWhatItPredicts() {
        String text = "hello world held. ".repeat(40) + "\n\n" + "world hello. ".repeat(60);
        TokenizerConfig words = new TokenizerConfig("wordpiece", 60, null, null, null);
        try (PretrainingData data = data(text, "plm", words, SequenceFormat.XLNET, 0)) {
            Batch batch = data.batches().trainingBatch(0, 20);
            Batch again = data.batches().trainingBatch(0, 20);
            int[] positions = batch.predictedPositions();
            assertThat(positions).hasSizeBetween(10, 60).isEqualTo(again.predictedPositions());
            for (int i = 0; i < positions.length; i++) {
                assertThat(batch.inputIds()[positions[i]]).isEqualTo(batch.predictedLabels()[i]);
            }
            for (int row = 0; row < 20; row++) {
                assertThat(Arrays.copyOfRange(batch.tokenTypeIds(), row * LENGTH, (row + 1) * LENGTH))
                        .containsExactly(0, 0, 0, 0, 0, 0, 0, 2);
                for (int query = 0; query < LENGTH; query++) {
                    for (int key = 0; key < LENGTH; key++) {
                        boolean hides = batch.hidden().hides(row, query, key);
                        boolean predicted = Arrays.binarySearch(positions, row * LENGTH + key) >= 0;
                        assertThat(hides && !predicted).isFalse();
                        assertThat(query == key && predicted && !hides).isFalse();
                        assertThat(hides).isEqualTo(again.hidden().hides(row, query, key));
                    }
                }
            }
        }
    }

    @Test
    void aCausalLanguageModel_hidesNothing_inTrainingAndHeldOutText() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            text.append("hello ".repeat(1 + i % 5))
                    .append("world ".repeat(1 + i % 7))
                    .append("held.\n\n");
        }
        try (PretrainingData data =
                data(text.toString(), "clm", Samples.gpt2TokenizerConfig(folder), SequenceFormat.GPT2, 0.2)) {
            int held = data.batches().validationExamples();
            assertThat(held).isGreaterThan(10);
            for (Batch batch :
                    List.of(data.batches().trainingBatch(0, 40), data.batches().validationBatch(0, held))) {
                int[] positions = batch.predictedPositions();
                assertThat(positions).hasSize(batch.rows() * (LENGTH - 1));
                for (int i = 0; i < positions.length; i++) {
                    assertThat(positions[i] % LENGTH).isLessThan(LENGTH - 1);
                    assertThat(batch.predictedLabels()[i]).isEqualTo(batch.inputIds()[positions[i] + 1]);
                }
            }
        }
    }

    @Test
    void robertasPairs_areFramedWithTwoSeparatorsAndType0() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            text.append(Samples.sentences(i, 1 + i % 4)).append("\n\n");
        }
        TokenizerConfig bpe = new TokenizerConfig("bpe", 400, null, null, null);
        try (PretrainingData data = data(text.toString(), "mlm+nsp", bpe, SequenceFormat.ROBERTA, 0)) {
            Batch batch = data.batches().trainingBatch(0, 50);
            TreeSet<Integer> labels = new TreeSet<>();
            for (int row = 0; row < 50; row++) {
                int from = row * batch.length();
                int[] ids = Arrays.copyOfRange(batch.inputIds(), from, from + batch.lengths()[row]);
                int[] separators =
                        IntStream.range(0, ids.length).filter(i -> ids[i] == 2).toArray();
                assertThat(ids[0]).isZero();
                assertThat(separators).hasSize(3);
                assertThat(separators[1]).isEqualTo(separators[0] + 1);
                assertThat(separators[2]).isEqualTo(ids.length - 1);
                assertThat(ids.length).isBetween(6, LENGTH);
                labels.add(batch.nextSentenceLabels()[row]);
            }
            assertThat(labels).containsExactly(0, 1);
            assertThat(batch.tokenTypeIds()).containsOnly(0);
        }
    }

    @Test
    void aMaskedLanguageModelWithoutMaskToken_isRefusedNamingFileAndToken() {
        TokenizerConfig gpt2 = Samples.gpt2TokenizerConfig(folder);
        assertThatThrownBy(() -> data("hello world hello world.", "mlm", gpt2, SequenceFormat.GPT2, 0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        gpt2.path() + ": special tokens: found none called [MASK], expected [MASK] or <mask> to hide"
                                + " what a masked language model predicts");
    }

    @Test
    void sentencePairsForAFormatWithoutPairs_areRefused() {
        SequenceFormat single =
                new SequenceFormat("Single", SequenceFormat.ROBERTA.single(), List.of(), SpecialToken.SEP);
        assertThatThrownBy(() -> data(
                        Samples.sentences(1, 9),
                        "mlm+nsp",
                        new TokenizerConfig("bpe", 400, null, null, null),
                        single,
                        0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        "config: data.objective: found mlm+nsp, expected one for single texts, because Single takes no pairs");
    }

    @Test
    void aTokenizerWithNothingToSeparateDocuments_isRefused() {
        Path vocabulary = Samples.write(folder.resolve("vocab.txt"), "[UNK]\nhello\nworld");
        TokenizerConfig words = new TokenizerConfig("file", null, null, vocabulary.toString(), null);
        assertThatThrownBy(() -> data("hello world", "clm", words, SequenceFormat.GPT2, 0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(vocabulary + ": special tokens: found none called </s>, expected </s> or"
                        + " <|endoftext|> to stand between documents");
    }

    @Test
    void wordPiece_isRefusedWhereTextsEndWithAnotherTokenThanItsOwn() {
        TokenizerConfig words = new TokenizerConfig("wordpiece", 400, null, null, null);
        assertThatThrownBy(() -> data("hello world", "clm", words, SequenceFormat.GPT2, 0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("tokenizer: type: found wordpiece, expected bpe or file, because texts of GPT-2 end with"
                        + " <|endoftext|>, which WordPiece has not");
    }

    @Test
    void aTokenizerTrainedForAnotherFormat_isAnotherOne() {
        TokenizerConfig bpe = new TokenizerConfig("bpe", 400, null, null, null);
        String text = Samples.sentences(1, 100);
        List<String> hashes = new ArrayList<>();
        for (SequenceFormat format : List.of(SequenceFormat.BERT, SequenceFormat.ROBERTA, SequenceFormat.GPT2)) {
            boolean causal = format.equals(SequenceFormat.GPT2);
            for (int again = 0; again < 2; again++) {
                try (PretrainingData data = data(text, causal ? "clm" : "mlm", bpe, format, 0)) {
                    hashes.add(data.tokenizerSha256());
                    assertThat(data.tokenizer().token(0)).isEqualTo(causal ? "<|endoftext|>" : "<s>");
                }
            }
        }
        assertThat(hashes.stream().distinct()).hasSize(3);
        assertThat(hashes.get(0)).isEqualTo(hashes.get(1));
    }
}
