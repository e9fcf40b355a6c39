package norma.trainer.bart;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import norma.trainer.blocks.HeadBlock;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.TransformerShape;

/**
 * Logits of the next token: the products of a hidden state with all word embeddings, and a bias that is stored with
 * them and is not trained, as Hugging Face's {@code final_logits_bias}; files of a BartModel lack it, and it is 0 then.
 */
final class BartHead implements HeadBlock {
    static final String BIAS = "final_logits_bias";

    private final TransformerShape shape;
    private final Parameter words;
    private final Parameter bias;

    /**
     * Makes the bias.
     *
     * @param words the table of the tokens (V, H), which the embeddings share
     */
    BartHead(NetworkParameters parameters, TransformerShape shape, Parameter words) {
        this.shape = shape;
        this.words = words;
        bias = parameters.optionalRow(BIAS, words.getShape().get(0));
    }

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
