package norma.trainer.model;

import ai.djl.ndarray.NDArray;

/** A forward pass that autograd records, with what goes backward through it. */
public interface TrainingPass extends ForwardPass {
    /** The losses of the device. */
    Losses losses();

    /** Told when forward and backward begin. */
    StepClock clock();

    /**
     * The key of a stream of draws, a pure function of the run's seed, the step and what is given.
     *
     * @param purpose what the draws are for
     * @param row of the micro-batch, which counts by its place in the step's batch
     */
    long draws(String purpose, int row);

    /**
     * An array of the same values that starts a part of the pass of its own; {@link #gradientAt} tells what reached it.
     */
    NDArray cut(NDArray array);

    /** Sends a gradient backward from an array, of its shape. */
    void backward(NDArray root, NDArray gradient);

    /** What has come backward to a {@link #cut}; null if nothing has. */
    NDArray gradientAt(NDArray cut);
}
