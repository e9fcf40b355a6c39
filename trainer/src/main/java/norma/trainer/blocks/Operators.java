package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.SoftmaxStretch;
import norma.trainer.model.TransformerShape;

/**
 * The operators of a Transformer's equations on DJL's functional API. Data comes first, parameters second (see DJL's
 * managers).
 */
public final class Operators {
    private Operators() {}

    /** x W^T + b: (N, in), (out, in), (out) to (N, out). */
    public static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        return Linear.linear(x, weight, bias).singletonOrThrow();
    }

    /** x W^T: (N, in), (out, in) to (N, out). */
    public static NDArray linear(NDArray x, NDArray weight) {
        return Linear.linear(x, weight).singletonOrThrow();
    }

    /** x W + b, with the weight stored as TensorFlow and GPT-2 store it: (N, in), (in, out), (out) to (N, out). */
    public static NDArray conv1d(NDArray x, NDArray weight, NDArray bias) {
        return x.matMul(weight).add(bias);
    }

    /** Rows of a table: (…) indices, (rows, H) to (…, H). */
    public static NDArray rows(NDArray indices, NDArray table) {
        return Embedding.embedding(indices, table, SparseFormat.DENSE).singletonOrThrow();
    }

    /**
     * What a projection made for A heads together, copied into one block for each, so that whatever is added to it and
     * multiplied by it lies as it does: (B*N, A*D) to (B, A, N, D).
     */
    public static NDArray heads(NDArray projected, long rows, TransformerShape shape) {
        long a = shape.numAttentionHeads();
        long d = shape.headSize();
        NDArray blocks = projected.reshape(rows, -1, a, d).swapAxes(1, 2).reshape(rows * a, -1, d);
        return blocks.reshape(rows, a, -1, d);
    }

    /** Logits of tokens alone, without those of rows that fill a table up: (N, rows) to (N, V). */
    public static NDArray ofTokens(NDArray logits, ModelConfig config) {
        return config.vocabularyRows().equals(config.vocabSize()) ? logits : logits.get(":, :" + config.vocabSize());
    }

    /** (x - mean) / sqrt(variance + eps) * weight + bias over the last axis (Ba, Kiros and Hinton 2016). */
    public static NDArray layerNorm(NDArray x, NDArray weight, NDArray bias, double eps) {
        return LayerNorm.layerNorm(x, weight.getShape(), weight, bias, (float) eps)
                .singletonOrThrow();
    }

    /** x / sqrt(mean of squares + eps) over the last axis (Zhang and Sennrich 2019, equation 4). */
    public static NDArray rootMeanSquareNorm(NDArray x, double eps) {
        int last = x.getShape().dimension() - 1;
        return x.div(x.square().mean(new int[] {last}, true).add((float) eps).sqrt());
    }

    /** What all sequences have in common by the masks of each: (N, H) to (B*N, H), or as it is without masks. */
    static NDArray droppedForEach(ForwardPass pass, NDArray x, int rows, int site) {
        NDArray mask = pass.dropoutMask(site);
        Shape shape = x.getShape();
        return mask == null
                ? x
                : x.expandDims(0)
                        .mul(mask.reshape(rows, shape.get(0), shape.get(1))) // (B, N, H)
                        .reshape(-1, shape.get(1));
    }

    /**
     * What a linear layer made, dropped from and added to a residual, in the place where it lies, for no gradient needs
     * it: (N, H), (N, H) to (N, H).
     */
    static NDArray added(ForwardPass pass, NDArray projected, NDArray residual, int site) {
        return dropped(pass, projected, site).addi(residual);
    }

    /** Dropout in the place where an array lies that no gradient needs. */
    static NDArray dropped(ForwardPass pass, NDArray x, int site) {
        NDArray mask = pass.dropoutMask(site);
        return mask == null ? x : x.muli(mask.reshape(x.getShape()));
    }

    /**
     * x times a number. DJL's {@code x.mul(number)} frees the number's memory when it returns, and the backward pass
     * would read it; here the memory is libtorch's own, which autograd keeps as long as it needs it.
     */
    public static NDArray scale(NDArray x, double number) {
        return x.mul(number(x, number));
    }

    /** clip((zeta - gamma) p + gamma, 0, 1); the numbers are libtorch's own, see {@link #scale}. */
    static NDArray stretched(NDArray probs, SoftmaxStretch stretch) {
        NDArray scaled = scale(probs, stretch.zeta() - stretch.gamma()).add(number(probs, stretch.gamma()));
        return scaled.maximum(number(probs, 0)).minimum(number(probs, 1));
    }

    private static NDArray number(NDArray x, double value) {
        return x.getManager().full(new Shape(), (float) value);
    }
}
