package norma.trainer.finetuning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.datasets.batches.Batch;
import norma.datasets.tasks.LabelledBatch;

/** A batch cut by rows; the pieces keep its length. */
final class MicroBatches {
    private static final int[] NONE = {};

    private MicroBatches() {}

    static List<LabelledBatch> of(LabelledBatch batch, int rows) {
        if (batch.rows() <= rows) {
            return List.of(batch);
        }
        List<LabelledBatch> pieces = new ArrayList<>();
        for (int from = 0; from < batch.rows(); from += rows) {
            pieces.add(rows(batch, from, Math.min(batch.rows(), from + rows)));
        }
        return pieces;
    }

    private static LabelledBatch rows(LabelledBatch batch, int from, int to) {
        Batch inputs = batch.inputs();
        int s = inputs.length();
        int width = batch.targets().length / batch.rows();
        return new LabelledBatch(
                new Batch(
                        to - from,
                        s,
                        Arrays.copyOfRange(inputs.inputIds(), from * s, to * s),
                        Arrays.copyOfRange(inputs.tokenTypeIds(), from * s, to * s),
                        Arrays.copyOfRange(inputs.lengths(), from, to),
                        NONE,
                        NONE,
                        null),
                batch.classes().length == 0 ? NONE : Arrays.copyOfRange(batch.classes(), from, to),
                Arrays.copyOfRange(batch.targets(), from * width, to * width),
                Arrays.copyOfRange(batch.exampleIndices(), from, to));
    }
}
