package norma.datasets.tasks;

import norma.datasets.batches.Batch;

/**
 * Examples as token ids, with their labels; B = rows of the inputs, K = outputs of the task.
 *
 * @param inputs token ids, token types and lengths; no position of it is masked
 * @param classes (B) class numbers; empty unless the task is classification, and where no labels are known
 * @param targets (B*K) of regression the numbers (K = 1), of a multi-label task 1 where a label holds and 0 elsewhere;
 *     empty if the task is classification, and where no labels are known
 * @param exampleIndices (B) which example of the split each row is
 */
@SuppressWarnings("ArrayRecordComponent") // read once, by the step that copies them into tensors
public record LabelledBatch(Batch inputs, int[] classes, float[] targets, int[] exampleIndices) {

    /** B. */
    public int rows() {
        return inputs.rows();
    }

    /**
     * Puts outputs of this batch where its examples stand in the split.
     *
     * @param outputs (B*K) row by row
     * @param ofSplit (N*K) to be filled
     */
    public void scatter(float[] outputs, float[] ofSplit) {
        int width = outputs.length / rows();
        for (int row = 0; row < rows(); row++) {
            System.arraycopy(outputs, row * width, ofSplit, exampleIndices[row] * width, width);
        }
    }
}
