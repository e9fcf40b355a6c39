package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.function.UnaryOperator;
import norma.trainer.device.DeviceBatch;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.TransformerShape;

/**
 * The classifier on the first token that Hugging Face's RobertaClassificationHead and ElectraClassificationHead are:
 * dropout, dense, activation, dropout, dense.
 */
public final class FirstTokenClassifier implements HeadBlock {
    private final TransformerShape shape;
    private final int dropout;
    private final UnaryOperator<NDArray> activation;
    private final Parameter denseWeight;
    private final Parameter denseBias;
    private final Parameter outputWeight;
    private final Parameter outputBias;

    /**
     * Makes the parameters.
     *
     * @param outputs number of logits
     * @param activation after the first dense layer
     */
    public FirstTokenClassifier(
            NetworkParameters parameters, EncoderConfig config, int outputs, UnaryOperator<NDArray> activation) {
        shape = config.shape();
        this.activation = activation;
        dropout = EncoderSize.firstDropout(config.numHiddenLayers());
        long h = config.hiddenSize();
        denseWeight = parameters.matrix("classifier.dense.weight", HiddenAxes.SECOND, h, h);
        denseBias = parameters.bias("classifier.dense.bias", HiddenAxes.NONE, h);
        outputWeight = parameters.matrix("classifier.out_proj.weight", HiddenAxes.NONE, outputs, h);
        outputBias = parameters.bias("classifier.out_proj.bias", HiddenAxes.NONE, outputs);
    }

    /** Its two dropouts, after those of the layers. */
    public List<DropoutSite> dropoutSites() {
        DropoutSite site = DropoutSite.ofVectors(shape.hiddenSize(), shape.hiddenDropoutProb());
        return List.of(site, site);
    }

    @Override
    public int outputs() {
        return Math.toIntExact(outputBias.getShape().size());
    }

    /** (B*S, H) to (B, outputs). */
    @Override
    public NDArray logits(ForwardPass pass, NDArray hidden, DeviceBatch batch) {
        NDArray first = hidden.reshape(batch.rows(), -1, shape.hiddenSize()).get(":, 0"); // (B, H)
        NDArray kept = pass.kernels(shape).dropout(pass, first, dropout); // (B, H)
        NDArray dense = Operators.linear(kept, pass.value(denseWeight), pass.value(denseBias)); // (B, H)
        NDArray again = pass.kernels(shape).dropout(pass, activation.apply(dense), dropout + 1); // (B, H)
        return Operators.linear(again, pass.value(outputWeight), pass.value(outputBias)); // (B, outputs)
    }
}
