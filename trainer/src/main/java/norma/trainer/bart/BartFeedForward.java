package norma.trainer.bart;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Operators;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.Kernels;
import norma.trainer.model.TransformerShape;

/** The feed-forward part of a layer, {@code fc1} and {@code fc2}, with its residual and dropouts. */
final class BartFeedForward {
    private final TransformerShape shape;
    private final TransformerShape activated;
    private final int dropout;
    private final Parameter innerWeight;
    private final Parameter innerBias;
    private final Parameter outerWeight;
    private final Parameter outerBias;

    /**
     * Makes the parameters.
     *
     * @param prefix of the layer, with its dot
     * @param innerSize F
     * @param dropout the site of what the activation function gives; that of the output comes after it
     */
    BartFeedForward(
            NetworkParameters parameters,
            TransformerShape shape,
            BartConfig config,
            String prefix,
            long innerSize,
            int dropout) {
        this.shape = shape;
        this.dropout = dropout;
        activated = shape.withHiddenDropout(config.activationDropout());
        long h = shape.hiddenSize();
        double range = config.initStd();
        innerWeight = parameters.normal(prefix + "fc1.weight", range, HiddenAxes.SECOND, innerSize, h);
        innerBias = parameters.bias(prefix + "fc1.bias", HiddenAxes.NONE, innerSize);
        outerWeight = parameters.normal(prefix + "fc2.weight", range, HiddenAxes.FIRST, h, innerSize);
        outerBias = parameters.bias(prefix + "fc2.bias", HiddenAxes.FIRST, h);
    }

    /** Names of what this reads. */
    List<String> parameterNames() {
        return List.of(innerWeight.getName(), innerBias.getName(), outerWeight.getName(), outerBias.getName());
    }

    /** dropout(feed-forward(x)) + x: (B*S, H) to (B*S, H). */
    NDArray plusResidual(ForwardPass pass, NDArray x) {
        if (activated.hiddenDropoutProb() == 0) {
            Kernels.FeedForwardWeights weights = new Kernels.FeedForwardWeights(
                    pass.value(innerWeight), pass.value(innerBias), pass.value(outerWeight), pass.value(outerBias));
            return pass.kernels(shape).feedForward(pass, weights, x, x, dropout + 1);
        }
        NDArray inner = Operators.linear(x, pass.value(innerWeight), pass.value(innerBias)); // (B*S, F)
        NDArray kept =
                pass.kernels(activated).dropout(pass, pass.kernels(shape).activation(inner), dropout); // (B*S, F)
        NDArray outer = Operators.linear(kept, pass.value(outerWeight), pass.value(outerBias)); // (B*S, H)
        return pass.kernels(shape).dropout(pass, outer, dropout + 1).add(x); // (B*S, H)
    }
}
