package norma.trainer.electra;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import norma.trainer.blocks.HeadBlock;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.TransformerShape;

/**
 * The discriminator's head, Hugging Face's ElectraDiscriminatorPredictions: dense, activation, and the logit that a
 * token was replaced.
 */
final class ReplacedTokenHead implements HeadBlock {
    private final TransformerShape shape;
    private final Parameter denseWeight;
    private final Parameter denseBias;
    private final Parameter outputWeight;
    private final Parameter outputBias;

    ReplacedTokenHead(NetworkParameters parameters, ElectraConfig config) {
        shape = config.shape();
        long h = config.hiddenSize();
        String prefix = "discriminator_predictions.";
        denseWeight = parameters.matrix(prefix + "dense.weight", HiddenAxes.SECOND, h, h);
        denseBias = parameters.bias(prefix + "dense.bias", HiddenAxes.NONE, h);
        outputWeight = parameters.matrix(prefix + "dense_prediction.weight", HiddenAxes.NONE, 1, h);
        outputBias = parameters.bias(prefix + "dense_prediction.bias", HiddenAxes.NONE, 1);
    }

    @Override
    public int outputs() {
        return 1;
    }

    /** (N, H) to (N, 1). */
    @Override
    public NDArray logits(ForwardPass pass, NDArray hidden, DeviceBatch batch) {
        NDArray dense = Operators.linear(hidden, pass.value(denseWeight), pass.value(denseBias)); // (N, H)
        NDArray activated = pass.kernels(shape).activation(dense); // (N, H)
        return Operators.linear(activated, pass.value(outputWeight), pass.value(outputBias)); // (N, 1)
    }
}
