package norma.trainer.xlnet;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import norma.trainer.blocks.HeadBlock;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.TransformerShape;

/**
 * Logits over the vocabulary: the products with all word embeddings, and a bias.
 *
 * @param shape of the layers
 * @param words the table of the tokens (V, H), which the embeddings share
 * @param bias (V)
 */
record XlnetHead(TransformerShape shape, Parameter words, Parameter bias) implements HeadBlock {
    @Override
    public int outputs() {
        return Math.toIntExact(words.getShape().get(0));
    }

    /** (N, H) to (N, V). */
    @Override
    public NDArray logits(ForwardPass pass, NDArray hidden, DeviceBatch batch) {
        return pass.kernels(shape).tiedLogits(hidden, pass.value(words)).add(pass.value(bias)); // (N, V)
    }
}
