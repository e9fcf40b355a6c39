package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.blocks.ModelBlock;
import norma.trainer.blocks.Operators;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;

/**
 * BERT with its masked-LM and next-sentence heads (Devlin et al. 2019), Hugging Face's BertForPreTraining.
 *
 * <p>As a DJL block it takes {@code input_ids} (B, S), and optionally {@code token_type_ids} (B, S) and
 * {@code attention_mask} (B, S; 1 for tokens), all INT64, and returns {@code prediction_logits} (B, S, V) and
 * {@code seq_relationship_logits} (B, 2).
 */
public final class BertForPreTraining extends ModelBlock implements BertModel {
    static final String HEAD_SITE = "head";

    private final BertEncoder encoder;
    private final BertPooler pooler;
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
        encoder = addChildBlock("encoder", new BertEncoder(config, seed));
        pooler = addChildBlock("pooler", new BertPooler(config, seed));
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

    @Override
    public BertEncoder encoder() {
        return encoder;
    }

    @Override
    public BertPooler pooler() {
        return pooler;
    }

    @Override
    public List<LayerNormSite> layerNormSites() {
        List<LayerNormSite> sites = new ArrayList<>(encoder.layerNormSites());
        sites.add(new LayerNormSite(
                HEAD_SITE,
                LayerNormSite.Stack.ENCODER,
                LayerNormSite.NO_LAYER,
                LayerNormSite.Kind.HEAD,
                config.hiddenSize(),
                Slice.ofVector(headNormWeight.getName()),
                Slice.ofVector(headNormBias.getName())));
        return sites;
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>(encoder.parameters());
        parameters.addAll(pooler.parameters());
        parameters.addAll(getDirectParameters().values());
        return parameters;
    }

    /** Parameters that the next-sentence head alone uses. */
    public List<Parameter> nextSentenceParameters() {
        List<Parameter> parameters = new ArrayList<>(pooler.parameters());
        parameters.add(seqRelationshipWeight);
        parameters.add(seqRelationshipBias);
        return parameters;
    }

    /** The encoder, see {@link BertEncoder#forward}. */
    public NDArray encode(ForwardPass pass, NDArray inputIds, NDArray tokenTypeIds, NDArray attentionMask) {
        return encoder.forward(pass, inputIds, tokenTypeIds, attentionMask);
    }

    /** Masked-LM logits for any rows of the last hidden state: (N, H) to (N, V). */
    public NDArray predict(ForwardPass pass, NDArray hidden) {
        if (pass.fused() != null) {
            return pass.fused()
                    .predict(
                            hidden,
                            pass.value(transformWeight),
                            pass.value(transformBias),
                            pass.value(headNormWeight),
                            pass.value(headNormBias),
                            pass.value(encoder.wordEmbeddings()),
                            pass.value(predictionBias)); // (N, V)
        }
        NDArray dense = Operators.linear(hidden, pass.value(transformWeight), pass.value(transformBias)); // (N, H)
        NDArray activated = Operators.activation(dense, config.hiddenAct()); // (N, H)
        NDArray normed = Operators.layerNorm(
                activated, pass.value(headNormWeight), pass.value(headNormBias), config.layerNormEps()); // (N, H)
        return Operators.linear(normed, pass.value(encoder.wordEmbeddings()), pass.value(predictionBias)); // (N, V)
    }

    /** The pooled [CLS] token: (B*S, H) and B to (B, H). */
    public NDArray pool(ForwardPass pass, NDArray hidden, long rows) {
        return pooler.forward(pass, hidden, rows);
    }

    /** Next-sentence logits: (B, H) to (B, 2); the first is "is next". */
    public NDArray relate(ForwardPass pass, NDArray pooled) {
        return Operators.linear(pooled, pass.value(seqRelationshipWeight), pass.value(seqRelationshipBias)); // (B, 2)
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray inputIds = inputs.get(0); // (B, S)
        NDArray tokenTypeIds = inputs.size() > 1 ? inputs.get(1) : inputIds.zerosLike(); // (B, S)
        NDArray attentionMask = inputs.size() > 2 ? inputs.get(2) : null; // (B, S)
        ForwardPass pass = ForwardPass.of(store, inputIds, training);
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
