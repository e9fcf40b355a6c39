package norma.trainer.gpt2;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import norma.trainer.blocks.HeadBlock;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.TransformerShape;

/**
 * Logits of the next token: the products of a hidden state with all word embeddings (Radford et al. 2018, equation 2).
 *
 * @param shape of the layers
 * @param words the table of the tokens (V, H), which the embeddings share
 */
record Gpt2Head(TransformerShape shape, Parameter words) implements HeadBlock {
    @Override
    public int outputs() {
        return Math.toIntExact(words.getShape().get(0));
    }

    /** (N, H) to (N, V). */
    @Override
    public NDArray logits(ForwardPass pass, NDArray hidden, DeviceBatch batch) {
        return pass.kernels(shape).tiedLogits(hidden, pass.value(words)); // (N, V)
    }
}
