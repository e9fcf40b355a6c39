package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import norma.trainer.blocks.ModelBlock;
import norma.trainer.blocks.Operators;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;

/** Word, position and token-type embeddings, summed and normalised (Devlin et al. 2019, figure 2). */
final class BertEmbeddings extends ModelBlock {
    static final int DROPOUT_SITE = 0;

    private final Parameter wordEmbeddings;
    private final Parameter positionEmbeddings;
    private final Parameter tokenTypeEmbeddings;
    private final Parameter layerNormWeight;
    private final Parameter layerNormBias;

    BertEmbeddings(BertConfig config, long seed) {
        super(config, seed, "bert.embeddings.");
        int h = config.hiddenSize();
        wordEmbeddings = matrix("word_embeddings.weight", config.vocabSize(), h);
        positionEmbeddings = matrix("position_embeddings.weight", config.maxPositionEmbeddings(), h);
        tokenTypeEmbeddings = matrix("token_type_embeddings.weight", config.typeVocabSize(), h);
        layerNormWeight = layerNormWeight("LayerNorm.weight");
        layerNormBias = layerNormBias("LayerNorm.bias");
    }

    /** The table that the masked-LM decoder shares. */
    Parameter wordEmbeddings() {
        return wordEmbeddings;
    }

    LayerNormSite site() {
        return new LayerNormSite(
                "embeddings",
                LayerNormSite.Stack.ENCODER,
                LayerNormSite.NO_LAYER,
                LayerNormSite.Kind.EMBEDDINGS,
                config.hiddenSize(),
                Slice.ofVector(layerNormWeight.getName()),
                Slice.ofVector(layerNormBias.getName()));
    }

    /**
     * Embeds token ids.
     *
     * @param inputIds (B, S)
     * @param tokenTypeIds (B, S)
     * @return (B*S, H)
     */
    public NDArray forward(ForwardPass pass, NDArray inputIds, NDArray tokenTypeIds) {
        return norm(pass, sum(pass, inputIds, tokenTypeIds)); // (B*S, H)
    }

    /** The three embeddings added up, which {@link #norm} takes: (B, S) and (B, S) to (B*S, H). */
    NDArray sum(ForwardPass pass, NDArray inputIds, NDArray tokenTypeIds) {
        int s = Math.toIntExact(inputIds.getShape().get(1));
        NDArray positions = inputIds.getManager().arange(0, s, 1, DataType.INT64); // (S)

        NDArray words = Operators.rows(inputIds, pass.value(wordEmbeddings)); // (B, S, H)
        NDArray types = Operators.rows(tokenTypeIds, pass.value(tokenTypeEmbeddings)); // (B, S, H)
        NDArray places = Operators.rows(positions, pass.value(positionEmbeddings)); // (S, H)
        return words.add(types).add(places).reshape(-1, config.hiddenSize()); // (B*S, H)
    }

    /** The LayerNorm of {@link #site}, with its dropout: (B*S, H) to (B*S, H). */
    NDArray norm(ForwardPass pass, NDArray sum) {
        NDArray normed = Operators.layerNorm(
                sum, pass.value(layerNormWeight), pass.value(layerNormBias), config.layerNormEps()); // (B*S, H)
        return pass.dropout(normed, DROPOUT_SITE); // (B*S, H)
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
        ForwardPass pass = ForwardPass.of(store, inputs.head(), training);
        return new NDList(forward(pass, inputs.get(0), inputs.get(1)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].size(), config.hiddenSize())};
    }
}
