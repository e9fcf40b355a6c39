package norma.trainer.roberta;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.blocks.EncoderSize;
import norma.trainer.blocks.HeadBlock;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceBatch;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.TransformerShape;

/** Hugging Face's RobertaClassificationHead on the first token: dropout, dense, tanh, dropout, dense. */
final class RobertaClassifier implements HeadBlock {
    private final TransformerShape shape;
    private final int dropout;
    private final Parameter denseWeight;
    private final Parameter denseBias;
    private final Parameter outputWeight;
    private final Parameter outputBias;

    RobertaClassifier(NetworkParameters parameters, RobertaConfig config, int outputs) {
        shape = config.shape();
        dropout = EncoderSize.firstDropout(config.numHiddenLayers());
        long h = config.hiddenSize();
        denseWeight = parameters.matrix("classifier.dense.weight", HiddenAxes.SECOND, h, h);
        denseBias = parameters.bias("classifier.dense.bias", HiddenAxes.NONE, h);
        outputWeight = parameters.matrix("classifier.out_proj.weight", HiddenAxes.NONE, outputs, h);
        outputBias = parameters.bias("classifier.out_proj.bias", HiddenAxes.NONE, outputs);
    }

    /** Its two dropouts, after those of the layers. */
    List<DropoutSite> dropoutSites() {
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
        NDArray dense = Operators.linear(kept, pass.value(denseWeight), pass.value(denseBias))
                .tanh(); // (B, H)
        NDArray again = pass.kernels(shape).dropout(pass, dense, dropout + 1); // (B, H)
        return Operators.linear(again, pass.value(outputWeight), pass.value(outputBias)); // (B, outputs)
    }
}
