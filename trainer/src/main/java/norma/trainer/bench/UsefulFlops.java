package norma.trainer.bench;

import norma.datasets.batches.Batch;
import norma.trainer.bert.BertConfig;

/**
 * The matrix products that training BERT on a batch cannot do without: those of the forward pass with logits at the
 * predicted positions only, and twice as many for the backward pass. Padding counts, element-wise work does not.
 */
public final class UsefulFlops {
    private UsefulFlops() {}

    /** Floating-point operations of one training step on this batch. */
    public static double of(BertConfig config, Batch batch, boolean nextSentence) {
        double tokens = (double) batch.rows() * batch.length();
        double h = config.hiddenSize();
        double perToken = 4 * h * h + 2 * h * config.intermediateSize() + 2 * batch.length() * h;
        double encoder = config.numHiddenLayers() * tokens * perToken;
        double head = batch.maskedPositions().length * (h * h + h * config.vocabSize());
        double relation = nextSentence ? batch.rows() * (h * h + 2 * h) : 0;
        return 3 * 2 * (encoder + head + relation);
    }
}
