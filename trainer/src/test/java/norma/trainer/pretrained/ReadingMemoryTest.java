package norma.trainer.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.trainer.serving.LetterCheckpoint;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
class ReadingMemoryTest {
    private static final int[] NONE = {};

    @TempDir
    private Path folder;

    private static Batch batch(int rows, int length) {
        int[] lengths = new int[rows];
        java.util.Arrays.fill(lengths, length);
        return new Batch(rows, length, new int[rows * length], new int[rows * length], lengths, NONE, NONE, null);
    }

    /**
     * The reference BERT: 101 tokens, H = 32, F = 48, A = 4; in bytes, the larger of attention and feed-forward part.
     */
    @Test
    void theBytes_areWeightsAndOneLayersArrays_ofTheLargestBatch() throws IOException {
        try (PretrainedModel model = PretrainedModel.open(LetterCheckpoint.in(folder), Device.cpu())) {
            double h = 64 * 40 * 32;
            double attention = 12 * h + 3.0 * 64 * 4 * 40 * 40;
            double layer = 4 * (5 * h + attention);
            double weights = 4 * model.config().parameters();
            ReadingMemory memory = ReadingMemory.of(model, List.of(batch(8, 12), batch(64, 40), batch(64, 30)));
            assertThat(memory.bytes()).isEqualTo(weights + 1.6 * layer);
            assertThat(memory.line(1 << 30))
                    .startsWith("memory: about ")
                    .endsWith(", 64 sequences of 40 tokens at once), 1.0 GiB free in this machine");
        }
    }

    @Test
    void whatDoesNotFit_isRefused_withWhatDoes() throws IOException {
        try (PretrainedModel model = PretrainedModel.open(LetterCheckpoint.in(folder), Device.cpu())) {
            ReadingMemory memory = ReadingMemory.of(model, List.of(batch(64, 40)));
            double ofQuarter = ReadingMemory.of(model, List.of(batch(16, 40))).bytes();
            memory.require(memory.bytes());
            assertThatThrownBy(() -> memory.require(ofQuarter))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith(
                            "settings: batch_size: found 64, expected at most about 16: 64 sequences of 40"
                                    + " tokens in memory at once take about ");
            assertThatThrownBy(() -> memory.require(1000))
                    .hasMessageContaining("expected a smaller model or shorter sequences: 64 sequences");
        }
    }
}
