package norma.trainer.blocks;

import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.model.TransformerShape;

/**
 * How many bytes the arrays of a forward pass take, counted operator by operator as the kernels make them. With h a
 * hidden state (B*S, H), f the feed-forward layer's inner array (B*S, F) and a the attention probabilities (B, A, S,
 * S), autograd keeps of each layer for the way back, where DJL's operators compute,
 *
 * <ul>
 *   <li>inputs and outputs of both LayerNorms, queries, keys, values and what the output projection reads: 8 h
 *   <li>what the activation function needs, and its result: 2 f, or f with {@code relu}
 *   <li>the probabilities; with dropout also the mask and the product with it: a or 3 a
 *   <li>two masks of the hidden states, if they are dropped: 2 h
 * </ul>
 *
 * <p>Functions keep one input of any activation function and its result, and in bf16 two bytes for each element of what
 * linear layers and attention read and make. Those for a CPU also keep queries and values before they are scaled. Those
 * for a GPU keep one byte of each mask, and no probabilities: FlashAttention (Dao et al. 2022) makes them again.
 *
 * @param choice which kernels
 * @param shape of the layers
 * @param inner F
 * @param layers of all stacks
 * @param crossLayers those that also attend to another stack
 */
public record ActivationMemory(
        KernelSet.Choice choice, TransformerShape shape, long inner, int layers, int crossLayers) {
    /** Sums of the embeddings that one pass makes, each of a hidden state's size. */
    private static final int EMBEDDING_SUMS = 5;

    /** Of a model's stack. */
    public static ActivationMemory of(ModelConfig config, KernelSet.Choice choice) {
        return new ActivationMemory(
                choice,
                config.shape(),
                config.intermediateSize(),
                config.numHiddenLayers(),
                config.crossAttentionLayers());
    }

    /**
     * What is kept until the way back, with the dropout masks of the micro-batch.
     *
     * @param rows B
     * @param length S
     */
    public double kept(long rows, long length) {
        double h = hidden(rows, length);
        double dropped = shape.hiddenDropoutProb() > 0 ? h * maskBytes() : 0;
        double embeddings = (EMBEDDING_SUMS + 1) * h * Float.BYTES + dropped;
        double last = 2 * h * Float.BYTES; // the last hidden state, and its gradient
        double cross = crossLayers * (keptByCrossAttention(rows, length) + dropped);
        return embeddings + last + layers * (keptByLayer(rows, length) + 2 * dropped) + cross;
    }

    /** Of a layer's attention to another stack: its LayerNorm, queries, keys, values, and the probabilities. */
    private double keptByCrossAttention(long rows, long length) {
        double h = hidden(rows, length);
        double a = probabilities(rows, length);
        boolean dropsProbs = shape.attentionProbsDropoutProb() > 0;
        int low = lowBytes();
        double norm = h * (Float.BYTES + low);
        return switch (choice.way()) {
            case OPERATORS -> Float.BYTES * (6 * h + (dropsProbs ? 3 : 1) * a);
            case HOST -> norm + low * (dropsProbs ? 6 : 5) * h + a * (dropsProbs ? hostProbabilities() : low);
            case FUSED -> norm + low * 5 * h;
        };
    }

    private double keptByLayer(long rows, long length) {
        double h = hidden(rows, length);
        double f = inner(rows, length);
        double a = probabilities(rows, length);
        boolean dropsProbs = shape.attentionProbsDropoutProb() > 0;
        int low = lowBytes();
        double norms = h * (2 * Float.BYTES + 2 * low);
        double activation = f * low * activationArrays();
        return switch (choice.way()) {
            case OPERATORS -> Float.BYTES * (8 * h + activationArrays() * f + (dropsProbs ? 3 : 1) * a);
            case HOST ->
                norms + low * (dropsProbs ? 6 : 5) * h + activation + a * (dropsProbs ? hostProbabilities() : low);
            case FUSED -> norms + low * 5 * h + activation;
        };
    }

    /** What one layer needs besides, at most, on the way there or back. */
    public double besides(long rows, long length) {
        double h = hidden(rows, length);
        double f = inner(rows, length);
        double a = choice.way() == KernelSet.Way.FUSED ? 0 : probabilities(rows, length);
        double attention = 7 * h + 2 * a;
        double feedForward = 2 * h + 2 * f;
        return Float.BYTES * Math.max(attention, feedForward);
    }

    /** A pass without a way back, which is in float32 and frees what a stage has made when the stage ends. */
    public double inference(long rows, long length) {
        double h = hidden(rows, length);
        double attention = 12 * h + 3 * probabilities(rows, length);
        double feedForward = 4 * h + (2 + activationArrays()) * inner(rows, length);
        return Float.BYTES * (EMBEDDING_SUMS * h + Math.max(attention, feedForward));
    }

    /** Copies of the layers' matrices in bf16, which the way back needs again. */
    public double roundedWeights() {
        double h = shape.hiddenSize();
        return lowBytes() < Float.BYTES
                ? lowBytes() * ((4.0 * layers + 4.0 * crossLayers) * h * h + 2.0 * layers * h * inner)
                : 0;
    }

    /** Arrays of the size f that are kept, the result among them. */
    private int activationArrays() {
        return shape.activation().equals("relu") ? 1 : 2;
    }

    /** Probabilities, their mask in bytes and as a factor, and the product. */
    private int hostProbabilities() {
        return 3 * lowBytes() + Byte.BYTES;
    }

    private int lowBytes() {
        return choice.precision() == Precision.BF16 ? Short.BYTES : Float.BYTES;
    }

    private int maskBytes() {
        return choice.way() == KernelSet.Way.FUSED ? Byte.BYTES : Float.BYTES;
    }

    private double hidden(long rows, long length) {
        return (double) rows * length * shape.hiddenSize();
    }

    private double inner(long rows, long length) {
        return (double) rows * length * inner;
    }

    private double probabilities(long rows, long length) {
        return (double) rows * shape.numAttentionHeads() * length * length;
    }
}
