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

/**
 * BERT with a linear classifier on the pooled [CLS] token (Devlin et al. 2019, section 4.1), Hugging Face's
 * BertForSequenceClassification; with one label it is a regression.
 *
 * <p>As a DJL block it takes {@code input_ids} (B, S), and optionally {@code token_type_ids} (B, S) and
 * {@code attention_mask} (B, S; 1 for tokens), all INT64, and returns the logits (B, labels).
 */
public final class BertForSequenceClassification extends ModelBlock implements BertModel {
    public static final String CLASSIFIER_WEIGHT = "classifier.weight";

    private final BertEncoder encoder;
    private final BertPooler pooler;
    private final int labels;
    private final Parameter classifierWeight;
    private final Parameter classifierBias;

    /**
     * The model, its parameters not allocated yet.
     *
     * @param config its shape; the vocabulary size must be known
     * @param labels number of logits
     * @param seed of the initialisation
     */
    public BertForSequenceClassification(BertConfig config, int labels, long seed) {
        super(config, seed, "");
        this.labels = labels;
        encoder = addChildBlock("encoder", new BertEncoder(config, seed));
        pooler = addChildBlock("pooler", new BertPooler(config, seed));
        classifierWeight = matrix(CLASSIFIER_WEIGHT, labels, config.hiddenSize());
        classifierBias = bias("classifier.bias", labels);
    }

    /** The model's shape. */
    public BertConfig config() {
        return config;
    }

    /** Number of logits. */
    public int labels() {
        return labels;
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
        return encoder.layerNormSites();
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>(encoder.parameters());
        parameters.addAll(pooler.parameters());
        parameters.addAll(getDirectParameters().values());
        return parameters;
    }

    /** The classifier on the last hidden state: (B*S, H) and B to (B, labels). */
    public NDArray classify(ForwardPass pass, NDArray hidden, long rows) {
        NDArray pooled = pass.dropout(pooler.forward(pass, hidden, rows), pooledDropoutSite()); // (B, H)
        return Operators.linear(pooled, pass.value(classifierWeight), pass.value(classifierBias)); // (B, labels)
    }

    /** Number of the dropout on the pooled token, see {@link ForwardPass#dropout}. */
    int pooledDropoutSite() {
        return BertLayer.dropoutSites(config.numHiddenLayers());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray inputIds = inputs.get(0); // (B, S)
        NDArray tokenTypeIds = inputs.size() > 1 ? inputs.get(1) : inputIds.zerosLike(); // (B, S)
        NDArray attentionMask = inputs.size() > 2 ? inputs.get(2) : null; // (B, S)
        ForwardPass pass = ForwardPass.of(store, inputIds, training);
        NDArray hidden = encoder.forward(pass, inputIds, tokenTypeIds, attentionMask); // (B*S, H)
        return new NDList(classify(pass, hidden, inputIds.getShape().get(0))); // (B, labels)
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0), labels)};
    }
}
