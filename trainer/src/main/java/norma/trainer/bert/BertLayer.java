package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import norma.trainer.blocks.ModelBlock;
import norma.trainer.blocks.Operators;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;

/** One encoder layer: self-attention and feed-forward, each with a residual and a LayerNorm after it. */
public final class BertLayer extends ModelBlock {
    private static final int DROPOUT_SITES = 3;

    private final int index;
    private final Parameter queryWeight;
    private final Parameter keyWeight;
    private final Parameter valueWeight;
    private final Parameter queryBias;
    private final Parameter keyBias;
    private final Parameter valueBias;
    private final Parameter attentionOutputWeight;
    private final Parameter attentionOutputBias;
    private final Parameter attentionNormWeight;
    private final Parameter attentionNormBias;
    private final Parameter intermediateWeight;
    private final Parameter intermediateBias;
    private final Parameter outputWeight;
    private final Parameter outputBias;
    private final Parameter outputNormWeight;
    private final Parameter outputNormBias;

    BertLayer(BertConfig config, long seed, int index) {
        super(config, seed, "bert.encoder.layer." + index + ".");
        this.index = index;
        int h = config.hiddenSize();
        int f = config.intermediateSize();
        queryWeight = matrix("attention.self.query.weight", h, h);
        keyWeight = matrix("attention.self.key.weight", h, h);
        valueWeight = matrix("attention.self.value.weight", h, h);
        queryBias = bias("attention.self.query.bias", h);
        keyBias = bias("attention.self.key.bias", h);
        valueBias = bias("attention.self.value.bias", h);
        attentionOutputWeight = matrix("attention.output.dense.weight", h, h);
        attentionOutputBias = bias("attention.output.dense.bias", h);
        attentionNormWeight = layerNormWeight("attention.output.LayerNorm.weight");
        attentionNormBias = layerNormBias("attention.output.LayerNorm.bias");
        intermediateWeight = matrix("intermediate.dense.weight", f, h);
        intermediateBias = bias("intermediate.dense.bias", f);
        outputWeight = matrix("output.dense.weight", h, f);
        outputBias = bias("output.dense.bias", h);
        outputNormWeight = layerNormWeight("output.LayerNorm.weight");
        outputNormBias = layerNormBias("output.LayerNorm.bias");
    }

    LayerNormSite attentionSite() {
        return site(".attention.output", LayerNormSite.Kind.ATTENTION, attentionNormWeight, attentionNormBias);
    }

    LayerNormSite outputSite() {
        return site(".output", LayerNormSite.Kind.OUTPUT, outputNormWeight, outputNormBias);
    }

    private LayerNormSite site(String name, LayerNormSite.Kind kind, Parameter weight, Parameter bias) {
        return new LayerNormSite(
                "layer." + index + name,
                LayerNormSite.Stack.ENCODER,
                index,
                kind,
                config.hiddenSize(),
                Slice.ofVector(weight.getName()),
                Slice.ofVector(bias.getName()));
    }

    /** What one matrix product makes together: their arrays must lie one after the other. */
    Parameter[][] stacks() {
        return new Parameter[][] {{queryWeight, keyWeight, valueWeight}, {queryBias, keyBias, valueBias}};
    }

    /**
     * One layer.
     *
     * @param x (B*S, H)
     * @param attentionMask as {@link BertEncoder#attentionBias} gives it
     * @param rows B
     * @return (B*S, H)
     */
    public NDArray forward(ForwardPass pass, NDArray x, NDArray attentionMask, long rows) {
        NDArray attended = attentionNorm(pass, attentionSum(pass, x, attentionMask, rows)); // (B*S, H)
        return outputNorm(pass, outputSum(pass, attended)); // (B*S, H)
    }

    /** Self-attention with its residual, which {@link #attentionNorm} takes: (B*S, H) to (B*S, H). */
    NDArray attentionSum(ForwardPass pass, NDArray x, NDArray attentionMask, long rows) {
        if (pass.fused() != null) {
            return pass.fused()
                    .attentionSum(
                            x,
                            attentionMask,
                            rows,
                            pass.stacked(queryWeight, keyWeight, valueWeight),
                            pass.stacked(queryBias, keyBias, valueBias),
                            pass.value(attentionOutputWeight),
                            pass.value(attentionOutputBias)); // (B*S, H)
        }
        NDArray context = attention(pass, x, attentionMask, rows, dropoutSite()); // (B*S, H)
        NDArray projected = Operators.linear(
                context, pass.value(attentionOutputWeight), pass.value(attentionOutputBias)); // (B*S, H)
        return pass.dropout(projected, dropoutSite() + 1).add(x); // (B*S, H)
    }

    /** The LayerNorm of {@link #attentionSite}: (B*S, H) to (B*S, H). */
    NDArray attentionNorm(ForwardPass pass, NDArray sum) {
        return norm(sum, pass.value(attentionNormWeight), pass.value(attentionNormBias)); // (B*S, H)
    }

    /** Feed-forward with its residual, which {@link #outputNorm} takes: (B*S, H) to (B*S, H). */
    NDArray outputSum(ForwardPass pass, NDArray attended) {
        if (pass.fused() != null) {
            return pass.fused()
                    .outputSum(
                            attended,
                            pass.value(intermediateWeight),
                            pass.value(intermediateBias),
                            pass.value(outputWeight),
                            pass.value(outputBias)); // (B*S, H)
        }
        NDArray inner =
                Operators.linear(attended, pass.value(intermediateWeight), pass.value(intermediateBias)); // (B*S, F)
        NDArray activated = Operators.activation(inner, config.hiddenAct()); // (B*S, F)
        NDArray outer = Operators.linear(activated, pass.value(outputWeight), pass.value(outputBias)); // (B*S, H)
        return pass.dropout(outer, dropoutSite() + 2).add(attended); // (B*S, H)
    }

    /** The LayerNorm of {@link #outputSite}, the layer's last operation: (B*S, H) to (B*S, H). */
    NDArray outputNorm(ForwardPass pass, NDArray sum) {
        return norm(sum, pass.value(outputNormWeight), pass.value(outputNormBias)); // (B*S, H)
    }

    /** Dropouts of an encoder with so many layers: sites 0 up to this. */
    static int dropoutSites(int layers) {
        return BertEmbeddings.DROPOUT_SITE + 1 + DROPOUT_SITES * layers;
    }

    private int dropoutSite() {
        return dropoutSites(index);
    }

    /** softmax(Q K^T / sqrt(D) + mask) V for A heads (Vaswani et al. 2017, section 3.2). */
    private NDArray attention(ForwardPass pass, NDArray x, NDArray attentionMask, long rows, int dropoutSite) {
        long s = x.getShape().get(0) / rows;
        long a = config.numAttentionHeads();
        long d = config.headSize();

        NDArray qkv = Operators.linear(
                x,
                pass.stacked(queryWeight, keyWeight, valueWeight),
                pass.stacked(queryBias, keyBias, valueBias)); // (B*S, 3H)
        NDList parts = qkv.reshape(rows, s, 3, a, d).split(3, 2); // 3 x (B, S, 1, A, D)
        NDArray q = Operators.scale(heads(parts.get(0)), 1 / Math.sqrt(config.headSize())); // (B*A, S, D)
        NDArray k = heads(parts.get(1)); // (B*A, S, D)
        NDArray v = heads(parts.get(2)); // (B*A, S, D)

        NDArray scores = q.matMul(k.swapAxes(1, 2)).reshape(rows, a, s, s); // (B, A, S, S)
        if (attentionMask != null) {
            scores = scores.add(attentionMask); // (B, A, S, S)
        }
        NDArray probs = scores.softmax(-1); // (B, A, S, S)
        pass.attentionProbs(probs);
        NDArray context = pass.dropout(probs, dropoutSite).reshape(-1, s, s).matMul(v); // (B*A, S, D)
        return context.reshape(rows, a, s, d).swapAxes(1, 2).reshape(rows * s, a * d); // (B*S, H)
    }

    /** Copies what a projection made into one block per head: (B, S, 1, A, D) to (B*A, S, D). */
    private static NDArray heads(NDArray part) {
        Shape shape = part.getShape();
        return part.squeeze(2).swapAxes(1, 2).reshape(-1, shape.get(1), shape.get(4)); // (B*A, S, D)
    }

    private NDArray norm(NDArray x, NDArray weight, NDArray bias) {
        return Operators.layerNorm(x, weight, bias, config.layerNormEps());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray x = inputs.get(0); // (B, S, H)
        Shape shape = x.getShape();
        ForwardPass pass = ForwardPass.of(store, x, training);
        NDArray mask = inputs.size() > 1 ? inputs.get(1) : null;
        NDArray out = forward(pass, x.reshape(-1, config.hiddenSize()), mask, shape.get(0));
        return new NDList(out.reshape(shape));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
