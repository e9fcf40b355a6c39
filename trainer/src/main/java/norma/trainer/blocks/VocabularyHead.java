package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.Kernels;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.TransformerShape;

/**
 * Logits over the vocabulary by a dense layer, a LayerNorm and the word embeddings, which it shares (Devlin et al.
 * 2019, appendix A.2).
 */
public final class VocabularyHead implements HeadBlock {
    /** The name of its LayerNorm's site. */
    public static final String SITE = "head";

    private final TransformerShape shape;
    private final Parameter wordEmbeddings;
    private final Parameter bias;
    private final Parameter transformWeight;
    private final Parameter transformBias;
    private final Norm norm;

    /**
     * Makes the parameters.
     *
     * @param shape with the head's own width E, activation and epsilon
     * @param config how many tokens it predicts, and whether it has an output bias
     * @param wordEmbeddings (V, E)
     * @param biasName of the output bias
     * @param transform prefix of the dense layer's weight and bias, without dot
     * @param norm prefix of the LayerNorm's, without dot
     */
    public VocabularyHead(
            NetworkParameters parameters,
            TransformerShape shape,
            EncoderConfig config,
            Parameter wordEmbeddings,
            String biasName,
            String transform,
            String norm) {
        this.shape = shape;
        this.wordEmbeddings = wordEmbeddings;
        long e = shape.hiddenSize();
        bias = parameters.paddedBias(biasName, config.vocabSize(), outputs());
        if (config.variant() != null && !config.variant().hasOutputBias()) {
            parameters.constant(bias);
        }
        transformWeight = parameters.matrix(transform + ".weight", HiddenAxes.BOTH, e, config.hiddenSize());
        transformBias = parameters.bias(transform + ".bias", HiddenAxes.FIRST, e);
        this.norm = parameters.layerNorm(norm, e, shape.layerNormEps());
    }

    /** Its LayerNorm. */
    public LayerNormSite site() {
        return norm.site(SITE, LayerNormSite.Stack.ENCODER, LayerNormSite.NO_LAYER, LayerNormSite.Kind.HEAD);
    }

    @Override
    public int outputs() {
        return Math.toIntExact(wordEmbeddings.getShape().get(0));
    }

    @Override
    public NDArray logits(ForwardPass pass, NDArray hidden, DeviceBatch batch) {
        Kernels.VocabularyWeights weights = new Kernels.VocabularyWeights(
                pass.value(transformWeight),
                pass.value(transformBias),
                pass.value(norm.weight()),
                pass.value(norm.bias()),
                pass.value(wordEmbeddings),
                pass.value(bias));
        return pass.kernels(shape).vocabularyLogits(weights, hidden); // (N, V)
    }
}
