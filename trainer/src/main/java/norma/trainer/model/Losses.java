package norma.trainer.model;

import ai.djl.ndarray.NDArray;

/** Losses with their gradients, on the device. */
public interface Losses {
    /**
     * A summed loss and its gradient with respect to the logits.
     *
     * @param loss in nats, 0-d FLOAT64
     * @param gradient of the logits' shape
     */
    record Gradient(NDArray loss, NDArray gradient) {}

    /**
     * Summed loss and hits, read from the device.
     *
     * @param loss summed over rows in float64, in nats
     * @param correct rows whose largest logit is the label's
     */
    record Score(double loss, long correct) {}

    /**
     * Softmax of each row of (N, C) logits, of their shape. A single logit is that of class 1 beside 0 for class 0, so
     * that this is its sigmoid. Nothing goes backward through it.
     */
    NDArray probabilities(NDArray logits);

    /**
     * Cross-entropy of (N, C) logits and (N) labels, summed over the rows; of a single logit the binary one.
     *
     * @param probabilities of the logits, which become the gradient in their place
     */
    Gradient crossEntropy(NDArray logits, NDArray probabilities, NDArray labels);

    /** The same where nobody else needs the probabilities. */
    default Gradient crossEntropy(NDArray logits, NDArray labels) {
        return crossEntropy(logits, probabilities(logits), labels);
    }

    /** The same without a gradient. */
    Score score(NDArray logits, NDArray labels);

    /**
     * Draws of a distribution: of each row the first class up to which the probabilities sum to more than the row's
     * share of their total.
     *
     * @param probabilities (N, C)
     * @param shares (N), in [0, 1), uniform if draws are to follow the distribution
     * @return (N), INT64
     */
    NDArray draws(NDArray probabilities, NDArray shares);
}
