package norma.trainer.bench;

import norma.trainer.bert.BertConfig;

/**
 * The matrix products that training BERT on a batch cannot do without: those of the forward pass with logits at the
 * predicted positions only, and twice as many for the backward pass. Padding counts, element-wise work does not.
 */
public final class UsefulFlops {
    private UsefulFlops() {}

    /**
     * Floating-point operations of one training step.
     *
     * @param rows B, sequences
     * @param length S, their padded length
     * @param predictions predicted positions of the whole batch
     */
    public static double of(BertConfig config, long rows, long length, long predictions, boolean nextSentence) {
        double h = config.hiddenSize();
        double perToken = 4 * h * h + 2 * h * config.intermediateSize() + 2 * length * h;
        double encoder = (double) config.numHiddenLayers() * rows * length * perToken;
        double head = predictions * (h * h + h * config.vocabSize());
        double relation = nextSentence ? rows * (h * h + 2 * h) : 0;
        return 3 * 2 * (encoder + head + relation);
    }
}
