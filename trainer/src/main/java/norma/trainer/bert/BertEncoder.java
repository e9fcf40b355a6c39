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
import norma.trainer.blocks.ModelBlock;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;

/**
 * Embeddings and encoder layers (Devlin et al. 2019), as a chain of LayerNorm sites: embeddings, then attention output
 * and output of each layer. Every site normalises one array, its sum, and all that comes after depends on that sum
 * alone; so a pass can begin at any site.
 */
public final class BertEncoder extends ModelBlock {
    private static final float MASKED = -1e30f;

    private final BertEmbeddings embeddings;
    private final List<BertLayer> layers = new ArrayList<>();

    BertEncoder(BertConfig config, long seed) {
        super(config, seed, "");
        embeddings = addChildBlock("embeddings", new BertEmbeddings(config, seed));
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            layers.add(addChildBlock("layer" + i, new BertLayer(config, seed, i)));
        }
    }

    /** The table that the masked-LM decoder shares. */
    Parameter wordEmbeddings() {
        return embeddings.wordEmbeddings();
    }

    /** The LayerNorm sites in the order of the forward pass. */
    public List<LayerNormSite> layerNormSites() {
        List<LayerNormSite> sites = new ArrayList<>();
        sites.add(embeddings.site());
        for (BertLayer layer : layers) {
            sites.add(layer.attentionSite());
            sites.add(layer.outputSite());
        }
        return sites;
    }

    /** Every parameter in the order of the forward pass, each under its Hugging Face name. */
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        parameters.addAll(embeddings.getDirectParameters().values());
        layers.forEach(layer -> parameters.addAll(layer.getDirectParameters().values()));
        return parameters;
    }

    /** Groups of parameters that one matrix product uses together. */
    public List<Parameter[]> stacks() {
        List<Parameter[]> stacks = new ArrayList<>();
        layers.forEach(layer -> stacks.addAll(List.of(layer.stacks())));
        return stacks;
    }

    /**
     * The whole encoder.
     *
     * @param inputIds (B, S)
     * @param tokenTypeIds (B, S)
     * @param attentionMask (B, S), 1 for tokens and 0 for padding; null without padding
     * @return the last hidden state, (B*S, H)
     */
    public NDArray forward(ForwardPass pass, NDArray inputIds, NDArray tokenTypeIds, NDArray attentionMask) {
        long b = inputIds.getShape().get(0);
        NDArray bias = attentionBias(pass, attentionMask);
        NDArray hidden = embeddings.forward(pass, inputIds, tokenTypeIds); // (B*S, H)
        pass.hiddenState(hidden);
        for (BertLayer layer : layers) {
            hidden = layer.forward(pass, hidden, bias, b); // (B*S, H)
            pass.hiddenState(hidden);
        }
        return hidden;
    }

    /** The sum of site 0: (B, S) and (B, S) to (B*S, H). */
    public NDArray firstSum(ForwardPass pass, NDArray inputIds, NDArray tokenTypeIds) {
        return embeddings.sum(pass, inputIds, tokenTypeIds);
    }

    /** A site's LayerNorm: its sum (B*S, H) to (B*S, H). */
    public NDArray norm(ForwardPass pass, int site, NDArray sum) {
        if (site == 0) {
            return embeddings.norm(pass, sum);
        }
        BertLayer layer = layers.get((site - 1) / 2);
        return isOutput(site) ? layer.outputNorm(pass, sum) : layer.attentionNorm(pass, sum);
    }

    /**
     * The sum of a site after the first.
     *
     * @param normed what the site before it gave, (B*S, H)
     * @param bias of {@link #additive}
     * @param rows B
     * @return (B*S, H)
     */
    public NDArray sum(ForwardPass pass, int site, NDArray normed, NDArray bias, long rows) {
        BertLayer layer = layers.get((site - 1) / 2);
        return isOutput(site) ? layer.outputSum(pass, normed) : layer.attentionSum(pass, normed, bias, rows);
    }

    /** Whether what a site gives is a hidden state in Hugging Face's sense. */
    public static boolean isOutput(int site) {
        return site % 2 == 0;
    }

    /** The form of a mask (B, S) that a pass's attention takes: as it is if fused, else {@link #additive}. */
    static NDArray attentionBias(ForwardPass pass, NDArray attentionMask) {
        return pass.fused() == null ? additive(attentionMask) : attentionMask;
    }

    /** What is added to attention scores: (B, S) of 1 and 0 to (B, 1, 1, S) of 0 and a large negative number. */
    public static NDArray additive(NDArray attentionMask) {
        if (attentionMask == null) {
            return null;
        }
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
        ForwardPass pass = ForwardPass.of(store, inputIds, training);
        NDArray hidden = forward(pass, inputIds, tokenTypeIds, attentionMask); // (B*S, H)
        return new NDList(hidden.reshape(inputIds.getShape().get(0), -1, config.hiddenSize())); // (B, S, H)
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0].addAll(new Shape(config.hiddenSize()))};
    }
}
