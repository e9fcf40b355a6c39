package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import norma.datasets.batches.Batch;

/** A batch's Java arrays as DJL arrays on the manager's device. */
final class BatchArrays {
    private BatchArrays() {}

    /** (B, S), INT64. */
    static NDArray inputIds(NDManager manager, Batch batch) {
        return manager.create(longs(batch.inputIds()), new Shape(batch.rows(), batch.length()));
    }

    /** (B, S), INT64. */
    static NDArray tokenTypeIds(NDManager manager, Batch batch) {
        return manager.create(longs(batch.tokenTypeIds()), new Shape(batch.rows(), batch.length()));
    }

    /** (B, S), FLOAT32, 1 for tokens and 0 for padding; null if nothing is padding. */
    static NDArray attentionMask(NDManager manager, Batch batch) {
        if (!batch.hasPadding()) {
            return null;
        }
        float[] mask = new float[batch.rows() * batch.length()];
        for (int row = 0; row < batch.rows(); row++) {
            int start = row * batch.length();
            java.util.Arrays.fill(mask, start, start + batch.lengths()[row], 1f);
        }
        return manager.create(mask, new Shape(batch.rows(), batch.length()));
    }

    static long[] longs(int[] values) {
        long[] longs = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            longs[i] = values[i];
        }
        return longs;
    }
}
