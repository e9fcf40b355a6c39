package norma.trainer.finetuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import norma.datasets.batches.Batch;
import norma.datasets.tasks.LabelledBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class MicroBatchesTest {
    @Test
    void thePieces_holdTheRowsInOrder_andKeepTheLength() {
        Batch inputs = new Batch(
                3,
                2,
                new int[] {1, 2, 3, 0, 5, 6},
                new int[] {0, 1, 0, 0, 0, 1},
                new int[] {2, 1, 2},
                new int[0],
                new int[0],
                null);
        LabelledBatch batch =
                new LabelledBatch(inputs, new int[0], new float[] {1, 0, 0, 1, 1, 1}, new int[] {8, 3, 5});
        List<LabelledBatch> pieces = MicroBatches.of(batch, 2);
        assertThat(pieces).hasSize(2);
        assertThat(pieces.get(0).inputs().inputIds()).containsExactly(1, 2, 3, 0);
        assertThat(pieces.get(1).inputs().inputIds()).containsExactly(5, 6);
        assertThat(pieces.get(1).inputs().tokenTypeIds()).containsExactly(0, 1);
        assertThat(pieces.get(0).inputs().lengths()).containsExactly(2, 1);
        assertThat(pieces.get(0).targets()).containsExactly(1, 0, 0, 1);
        assertThat(pieces.get(1).targets()).containsExactly(1, 1);
        assertThat(pieces.get(1).exampleIndices()).containsExactly(5);
        assertThat(pieces.get(1).classes()).isEmpty();
        assertThat(MicroBatches.of(batch, 3)).containsExactly(batch);
    }
}
