package norma.datasets.batches;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import norma.datasets.Samples;
import norma.datasets.base.Hashes;
import norma.datasets.base.Progress;
import norma.datasets.config.DataConfig;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tasks.EncodedSplit;
import norma.datasets.tasks.Label;
import norma.datasets.tasks.LabelledExample;
import norma.datasets.tasks.LabelledSplit;
import norma.datasets.tasks.TaskBatches;
import norma.datasets.tasks.TaskKind;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SHA-256 of a BERT's batches, of every array and of the tokenizer, as first made: with other ids, masks or another
 * order no earlier run can be resumed or had again.
 */
@Tag("engine")
class FrozenBatchesTest {
    private static final int BATCHES = 300;
    private static final int ROWS = 8;

    @TempDir
    Path folder;

    @Test
    void mlmOnFullSequences_givesTheBatchesOfBefore() {
        assertThat(pretraining(wordPiece(), "full", "mlm", false))
                .isEqualTo("26cf9985479a4874a1f03ed88de871dc46bdda5e381e82990895da6b6a2cd359");
    }

    @Test
    void mlmOnWholeWords_givesTheBatchesOfBefore() {
        assertThat(pretraining(wordPiece(), "full", "mlm", true))
                .isEqualTo("15f3083bb16db4dc2dc18da9fa893ecca4b3858534dd4d0c50e8a7d6b30e1162");
    }

    @Test
    void mlmOnSentences_givesTheBatchesOfBefore() {
        assertThat(pretraining(wordPiece(), "sentence", "mlm", false))
                .isEqualTo("9d4ec0bb0de5060e7fa94bab27f5d11c9512d1c37185b989de9dd112df18a846");
    }

    @Test
    void mlmWithNextSentences_givesTheBatchesOfBefore() {
        assertThat(pretraining(wordPiece(), "full", "mlm+nsp", false))
                .isEqualTo("bad4c7ffba7ed00b72ec0c26ed8c24ce1c07667d95f2da2996a6f3b3537315be");
    }

    @Test
    void mlmWithNextSentencesOfATrainedByteLevelTokenizer_givesTheBatchesOfBefore() {
        assertThat(pretraining(new TokenizerConfig("bpe", 350, null, null, null), "full", "mlm+nsp", true))
                .isEqualTo("85d59792793a226aa19bbbfa2e03d1bd9626c96d63b18d2372959eac2437a0a3");
    }

    @Test
    void mlmOfATrainedWordPieceTokenizer_givesTheBatchesOfBefore() {
        assertThat(pretraining(new TokenizerConfig("wordpiece", 120, null, null, null), "full", "mlm", false))
                .isEqualTo("9301d26699ae93f57a2e9aa5612388d0acc553965b2c582e4ac3e73c060f221a");
    }

    @Test
    void tasksOfPairs_areEncodedAsBefore() {
        assertThat(tasks(true)).isEqualTo("ffdd30c4e34982d31919dfc55aeb5b4fdf734eab995b1425029fe1bfdf77c141");
    }

    @Test
    void tasksOfSingleTexts_areEncodedAsBefore() {
        assertThat(tasks(false)).isEqualTo("3c3fb18f4d4e1e3c64c04fd31766d50eddb7564b3edc5734dfd73afc3b625743");
    }

    private TokenizerConfig wordPiece() {
        return Samples.tokenizerConfig(folder);
    }

    private String pretraining(TokenizerConfig tokenizer, String packing, String objective, boolean wholeWords) {
        Path text = Samples.textFile(folder.resolve("text.txt"), 300, 7);
        DataConfig config = new DataConfig(
                "text", List.of(text.toString()), null, null, 0.1, 48, packing, objective, null, wholeWords);
        MessageDigest digest = Hashes.sha256();
        try (PretrainingData data = PretrainingData.prepare(
                config, tokenizer, SequenceFormat.BERT, 7, folder.resolve("cache"), Progress.NONE)) {
            digest.update(data.tokenizerSha256().getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < BATCHES; i++) {
                add(digest, data.batches().trainingBatch((long) i * ROWS, ROWS));
            }
            add(digest, data.batches().validationBatch(0, data.batches().validationExamples()));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private String tasks(boolean pairs) {
        List<LabelledExample> examples = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            String second = pairs ? Samples.sentences(10_000 + i, 1 + i % 3) : null;
            examples.add(new LabelledExample(Samples.sentences(i, 1 + i % 4), second, new Label.OneClass(i % 2)));
        }
        LabelledSplit split = new LabelledSplit("train", "test", examples, List.of());
        MessageDigest digest = Hashes.sha256();
        try (Tokenizer tokenizer = Samples.tokenizer(folder)) {
            EncodedSplit encoded = new EncodedSplit(
                    tokenizer, SequenceFormat.BERT, new TaskKind.Classification(List.of("no", "yes")), split, 32);
            TaskBatches batches = new TaskBatches(encoded, ROWS, 7);
            for (int step = 0; step < BATCHES; step++) {
                add(digest, batches.batch(step).inputs());
            }
            encoded.evaluationBatches(ROWS).forEach(batch -> add(digest, batch.inputs()));
            add(digest, encoded.truncated(), encoded.longest());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void add(MessageDigest digest, Batch batch) {
        add(digest, batch.rows(), batch.length());
        add(digest, batch.inputIds());
        add(digest, batch.tokenTypeIds());
        add(digest, batch.lengths());
        add(digest, batch.predictedPositions());
        add(digest, batch.predictedLabels());
        if (batch.nextSentenceLabels() != null) {
            add(digest, batch.nextSentenceLabels());
        }
    }

    private static void add(MessageDigest digest, int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (values.length + 1));
        bytes.putInt(values.length).asIntBuffer().put(values);
        digest.update(bytes.array());
    }
}
