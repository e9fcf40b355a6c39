package norma.trainer.model;

import ai.djl.ndarray.NDArray;

/** Where a training pass leaves its summed losses, on the device, and what weight each of them has in the gradient. */
public interface LossSums {
    /** Adds to a term's sum, 0-d FLOAT64. */
    void add(int term, NDArray loss);

    /** The gradient of a term with its weight beside the first one, whose gradient stays as it is. */
    NDArray weighted(int term, NDArray gradient);
}
