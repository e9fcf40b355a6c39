package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.Kernels;
import norma.trainer.model.TransformerShape;

/** The feed-forward part of a layer with its residual and dropout; see {@link Kernels#feedForward}. */
public final class FeedForward {
    private final TransformerShape shape;
    private final int dropout;
    private final Parameter innerWeight;
    private final Parameter innerBias;
    private final Parameter outerWeight;
    private final Parameter outerBias;

    /**
     * Makes the parameters: {@code intermediate.dense.weight}, … and {@code output.dense.weight}, … after a prefix.
     *
     * @param prefix with its dot
     * @param innerSize F
     * @param dropout its dropout site
     */
    public FeedForward(
            NetworkParameters parameters, TransformerShape shape, String prefix, long innerSize, int dropout) {
        this.shape = shape;
        this.dropout = dropout;
        long h = shape.hiddenSize();
        innerWeight = parameters.matrix(prefix + "intermediate.dense.weight", HiddenAxes.SECOND, innerSize, h);
        innerBias = parameters.bias(prefix + "intermediate.dense.bias", HiddenAxes.NONE, innerSize);
        outerWeight = parameters.matrix(prefix + "output.dense.weight", HiddenAxes.FIRST, h, innerSize);
        outerBias = parameters.bias(prefix + "output.dense.bias", HiddenAxes.FIRST, h);
    }

    /** Names of what this reads. */
    public List<String> parameterNames() {
        return List.of(innerWeight.getName(), innerBias.getName(), outerWeight.getName(), outerBias.getName());
    }

    /** dropout(feed-forward(x)) + x: (B*S, H) to (B*S, H). */
    public NDArray plusResidual(ForwardPass pass, NDArray x) {
        return plus(pass, x, x);
    }

    /** dropout(feed-forward(x)) + residual: (B*S, H) to (B*S, H). */
    public NDArray plus(ForwardPass pass, NDArray x, NDArray residual) {
        Kernels.FeedForwardWeights weights = new Kernels.FeedForwardWeights(
                pass.value(innerWeight), pass.value(innerBias), pass.value(outerWeight), pass.value(outerBias));
        return pass.kernels(shape).feedForward(pass, weights, x, residual, dropout);
    }
}
