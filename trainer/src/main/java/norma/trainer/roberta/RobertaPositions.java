package norma.trainer.roberta;

import ai.djl.ndarray.NDArray;
import norma.datasets.batches.Batch;
import norma.trainer.blocks.SummedEmbeddings;
import norma.trainer.device.DeviceBatch;

/**
 * RoBERTa's positions follow the padding token's id.
 *
 * @param padId id of the padding token
 */
record RobertaPositions(int padId) implements SummedEmbeddings.Positions {
    @Override
    public NDArray of(DeviceBatch batch) {
        return batch.positions(of(batch.host())); // (B, S)
    }

    /**
     * The padding token has the position of its id, every other token one more than the token before it in its row, as
     * fairseq's {@code make_positions}: (B*S).
     */
    int[] of(Batch batch) {
        int[] positions = new int[batch.inputIds().length];
        for (int i = 0, next = padId + 1; i < positions.length; i++) {
            next = i % batch.length() == 0 ? padId + 1 : next;
            positions[i] = batch.inputIds()[i] == padId ? padId : next++;
        }
        return positions;
    }
}
