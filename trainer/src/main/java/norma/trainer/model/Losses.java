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
     * Cross-entropy of (N, C) logits and (N) labels, summed over the rows. A single logit is that of class 1 beside 0
     * for class 0, so that it is the binary cross-entropy with logits.
     */
    Gradient crossEntropy(NDArray logits, NDArray labels);

    /** The same without a gradient. */
    Score score(NDArray logits, NDArray labels);

    /**
     * Draws of a softmax: of each row the first class up to which the probabilities sum to more than the row's share of
     * their total. Nothing goes backward through it.
     *
     * @param logits (N, C)
     * @param shares (N), in [0, 1), uniform if draws are to follow the distribution
     * @return (N), INT64
     */
    NDArray draws(NDArray logits, NDArray shares);
}
