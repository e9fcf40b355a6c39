package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.layernorm.LayerNormSite;

/**
 * BERT with its masked-LM and next-sentence heads (Devlin et al. 2019), Hugging Face's BertForPreTraining.
 *
 * <p>As a DJL block it takes {@code input_ids} (B, S), and optionally {@code token_type_ids} (B, S) and
 * {@code attention_mask} (B, S; 1 for tokens), all INT64, and returns {@code prediction_logits} (B, S, V) and
 * {@code seq_relationship_logits} (B, 2).
 */
public final class BertForPreTraining extends BertBlock {
    private static final float MASKED = -1e30f;

    private final BertEmbeddings embeddings;
    private final List<BertLayer> layers = new ArrayList<>();
    private final Parameter poolerWeight;
    private final Parameter poolerBias;
    private final Parameter predictionBias;
    private final Parameter transformWeight;
    private final Parameter transformBias;
    private final Parameter headNormWeight;
    private final Parameter headNormBias;
    private final Parameter seqRelationshipWeight;
    private final Parameter seqRelationshipBias;

    /**
     * The model, its parameters not allocated yet.
     *
     * @param config its shape; the vocabulary size must be known
     * @param seed of the initialisation
     */
    public BertForPreTraining(BertConfig config, long seed) {
        super(config, seed, "");
        int h = config.hiddenSize();
        embeddings = addChildBlock("embeddings", new BertEmbeddings(config, seed));
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            layers.add(addChildBlock("layer" + i, new BertLayer(config, seed, i)));
        }
        poolerWeight = matrix("bert.pooler.dense.weight", h, h);
        poolerBias = bias("bert.pooler.dense.bias", h);
        predictionBias = bias("cls.predictions.bias", config.vocabSize());
        transformWeight = matrix("cls.predictions.transform.dense.weight", h, h);
        transformBias = bias("cls.predictions.transform.dense.bias", h);
        headNormWeight = layerNormWeight("cls.predictions.transform.LayerNorm.weight");
        headNormBias = layerNormBias("cls.predictions.transform.LayerNorm.bias");
        seqRelationshipWeight = matrix("cls.seq_relationship.weight", 2, h);
        seqRelationshipBias = bias("cls.seq_relationship.bias", 2);
    }

    /** The model's shape. */
    public BertConfig config() {
        return config;
    }

    /** The LayerNorm sites in the order of the forward pass. */
    public List<LayerNormSite> layerNormSites() {
        List<LayerNormSite> sites = new ArrayList<>();
        sites.add(
                new LayerNormSite("embeddings", "bert.embeddings.LayerNorm.weight", "bert.embeddings.LayerNorm.bias"));
        for (BertLayer layer : layers) {
            sites.add(layer.attentionSite());
            sites.add(layer.outputSite());
        }
        sites.add(new LayerNormSite("head", headNormWeight.getName(), headNormBias.getName()));
        return sites;
    }

    /** Every parameter in the order of the forward pass, each under its Hugging Face name. */
    List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        parameters.addAll(embeddings.getDirectParameters().values());
        layers.forEach(layer -> parameters.addAll(layer.getDirectParameters().values()));
        parameters.addAll(getDirectParameters().values());
        return parameters;
    }

    /** Parameters that the next-sentence head alone uses. */
    List<Parameter> nextSentenceParameters() {
        return List.of(poolerWeight, poolerBias, seqRelationshipWeight, seqRelationshipBias);
    }

    /** Groups of parameters that one matrix product uses together. */
    List<Parameter[]> stacks() {
        List<Parameter[]> stacks = new ArrayList<>();
        layers.forEach(layer -> stacks.addAll(List.of(layer.stacks())));
        return stacks;
    }

    /**
     * The encoder.
     *
     * @param inputIds (B, S)
     * @param tokenTypeIds (B, S)
     * @param attentionMask (B, S), 1 for tokens and 0 for padding; null without padding
     * @return the last hidden state, (B*S, H)
     */
    NDArray encode(ForwardPass pass, NDArray inputIds, NDArray tokenTypeIds, NDArray attentionMask) {
        long b = inputIds.getShape().get(0);
        NDArray bias = attentionMask == null ? null : additive(attentionMask); // (B, 1, 1, S)
        NDArray hidden = embeddings.forward(pass, inputIds, tokenTypeIds); // (B*S, H)
        pass.hiddenState(hidden);
        for (BertLayer layer : layers) {
            hidden = layer.forward(pass, hidden, bias, b); // (B*S, H)
            pass.hiddenState(hidden);
        }
        return hidden;
    }

    /** Masked-LM logits for any rows of the last hidden state: (N, H) to (N, V). */
    NDArray predict(ForwardPass pass, NDArray hidden) {
        NDArray dense = Operators.linear(hidden, pass.value(transformWeight), pass.value(transformBias)); // (N, H)
        NDArray activated = Operators.activation(dense, config.hiddenAct()); // (N, H)
        NDArray normed = Operators.layerNorm(
                activated, pass.value(headNormWeight), pass.value(headNormBias), config.layerNormEps()); // (N, H)
        return Operators.linear(normed, pass.value(embeddings.wordEmbeddings()), pass.value(predictionBias)); // (N, V)
    }

    /** The pooled [CLS] token: (B*S, H) and B to (B, H). */
    NDArray pool(ForwardPass pass, NDArray hidden, long rows) {
        NDArray first = hidden.reshape(rows, -1, config.hiddenSize()).get(":, 0"); // (B, H)
        return Operators.linear(first, pass.value(poolerWeight), pass.value(poolerBias))
                .tanh(); // (B, H)
    }

    /** Next-sentence logits: (B, H) to (B, 2); the first is "is next". */
    NDArray relate(ForwardPass pass, NDArray pooled) {
        return Operators.linear(pooled, pass.value(seqRelationshipWeight), pass.value(seqRelationshipBias)); // (B, 2)
    }

    private static NDArray additive(NDArray attentionMask) {
        long b = attentionMask.getShape().get(0);
        long s = attentionMask.getShape().get(1);
        return attentionMask.toType(DataType.FLOAT32, true).sub(1f).mul(-MASKED).reshape(b, 1, 1, s);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray inputIds = inputs.get(0); // (B, S)
        NDArray tokenTypeIds = inputs.size() > 1 ? inputs.get(1) : inputIds.zerosLike(); // (B, S)
        NDArray attentionMask = inputs.size() > 2 ? inputs.get(2) : null; // (B, S)
        ForwardPass pass = ForwardPass.of(store, inputIds.getDevice(), training);
        long b = inputIds.getShape().get(0);
        NDArray hidden = encode(pass, inputIds, tokenTypeIds, attentionMask); // (B*S, H)
        NDArray predictionLogits = predict(pass, hidden).reshape(b, -1, config.vocabSize()); // (B, S, V)
        NDArray seqRelationshipLogits = relate(pass, pool(pass, hidden, b)); // (B, 2)
        return new NDList(predictionLogits, seqRelationshipLogits);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        long b = inputShapes[0].get(0);
        return new Shape[] {new Shape(b, inputShapes[0].get(1), config.vocabSize()), new Shape(b, 2)};
    }
}
