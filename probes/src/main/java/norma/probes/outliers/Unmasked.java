package norma.probes.outliers;

import norma.datasets.batches.Batch;

/** Masked text as it was. */
final class Unmasked {
    private Unmasked() {}

    static Batch of(Batch batch) {
        int[] ids = batch.inputIds().clone();
        for (int i = 0; i < batch.maskedPositions().length; i++) {
            ids[batch.maskedPositions()[i]] = batch.maskedLabels()[i];
        }
        return new Batch(
                batch.rows(), batch.length(), ids, batch.tokenTypeIds(), batch.lengths(), new int[0], new int[0], null);
    }
}
