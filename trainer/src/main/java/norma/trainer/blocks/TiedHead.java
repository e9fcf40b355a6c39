package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.TransformerShape;

/**
 * Logits over the vocabulary that are the products of a hidden state with all word embeddings (Press and Wolf 2017),
 * and a bias where a model has one.
 *
 * @param shape of the layers
 * @param words the table of the tokens (V, H), which the embeddings share
 * @param bias (V) or (1, V); null where there is none
 */
public record TiedHead(TransformerShape shape, Parameter words, Parameter bias) implements HeadBlock {
    @Override
    public int outputs() {
        return Math.toIntExact(words.getShape().get(0));
    }

    /** (N, H) to (N, V). */
    @Override
    public NDArray logits(ForwardPass pass, NDArray hidden, DeviceBatch batch) {
        NDArray products = pass.kernels(shape).product(hidden, pass.value(words)); // (N, V)
        return bias == null
                ? products
                : products.addi(pass.value(bias)); // in place, for no gradient needs the products
    }
}
