package norma.trainer.bench;

import norma.trainer.model.ModelConfig;

/**
 * The matrix products that training on a batch cannot do without: those of the forward pass with logits at the
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
    public static double of(ModelConfig config, long rows, long length, long predictions, boolean nextSentence) {
        return 3 * 2 * config.multiplications(rows, length, predictions, nextSentence);
    }
}
