package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;

/** The computation of a head, see {@link norma.trainer.model.Network#head}. */
public interface HeadBlock {
    /** Width of the output. */
    int outputs();

    /** From the last hidden state, or rows of it, to logits. */
    NDArray logits(ForwardPass pass, NDArray hidden, DeviceBatch batch);
}
