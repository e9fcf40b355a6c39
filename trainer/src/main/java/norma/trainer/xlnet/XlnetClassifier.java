package norma.trainer.xlnet;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.blocks.HeadBlock;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceBatch;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.ForwardPass;

/**
 * A classifier on the last token, which stands for the whole sequence, as Hugging Face's
 * XLNetForSequenceClassification: dropout, dense, tanh, dropout, dense.
 */
final class XlnetClassifier implements HeadBlock {
    private final XlnetConfig config;
    private final int dropout;
    private final Parameter denseWeight;
    private final Parameter denseBias;
    private final Parameter outputWeight;
    private final Parameter outputBias;

    /**
     * Makes the parameters.
     *
     * @param outputs number of logits
     */
    XlnetClassifier(NetworkParameters parameters, XlnetConfig config, int outputs) {
        this.config = config;
        dropout = XlnetConfig.contentDropout(config.nLayer());
        int h = config.dModel();
        denseWeight = parameters.normal("sequence_summary.summary.weight", config.initializerRange(), h, h);
        denseBias = parameters.bias("sequence_summary.summary.bias", h);
        outputWeight = parameters.normal("logits_proj.weight", config.initializerRange(), outputs, h);
        outputBias = parameters.bias("logits_proj.bias", outputs);
    }

    /** Its two dropouts, after those of the content stream. */
    List<DropoutSite> dropoutSites() {
        return List.of(
                DropoutSite.ofVectors(config.dModel(), config.dropout()),
                DropoutSite.ofVectors(config.dModel(), config.summaryLastDropout()));
    }

    @Override
    public int outputs() {
        return Math.toIntExact(outputBias.getShape().size());
    }

    /** (B*S, H) to (B, outputs). */
    @Override
    public NDArray logits(ForwardPass pass, NDArray hidden, DeviceBatch batch) {
        NDArray last = Operators.rows(batch.lastTokens(), hidden); // (B, H)
        NDArray kept = pass.kernels(config.shape()).dropout(pass, last, dropout); // (B, H)
        NDArray dense = Operators.linear(kept, pass.value(denseWeight), pass.value(denseBias))
                .tanh(); // (B, H)
        NDArray again = pass.kernels(config.shape().withHiddenDropout(config.summaryLastDropout()))
                .dropout(pass, dense, dropout + 1); // (B, H)
        return Operators.linear(again, pass.value(outputWeight), pass.value(outputBias)); // (B, outputs)
    }
}
