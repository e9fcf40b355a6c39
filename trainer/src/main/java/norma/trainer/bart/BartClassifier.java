package norma.trainer.bart;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.trainer.blocks.HeadBlock;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceBatch;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.TransformerShape;

/**
 * The classifier of Hugging Face's BartForSequenceClassification: dropout, dense, tanh, dropout, dense on what the
 * decoder makes of the sequence's last end token.
 */
final class BartClassifier implements HeadBlock {
    private final TransformerShape shape;
    private final int endId;
    private final int dropout;
    private final Parameter denseWeight;
    private final Parameter denseBias;
    private final Parameter outputWeight;
    private final Parameter outputBias;

    /** Makes the parameters. */
    BartClassifier(NetworkParameters parameters, BartConfig config, int outputs) {
        shape = config.decoderShape().withHiddenDropout(config.classifierDropout());
        endId = config.eosTokenId();
        dropout = new BartDropouts(config).head();
        long h = config.dModel();
        double range = config.initStd();
        denseWeight = parameters.normal("classification_head.dense.weight", range, HiddenAxes.SECOND, h, h);
        denseBias = parameters.bias("classification_head.dense.bias", HiddenAxes.NONE, h);
        outputWeight = parameters.normal("classification_head.out_proj.weight", range, HiddenAxes.NONE, outputs, h);
        outputBias = parameters.bias("classification_head.out_proj.bias", HiddenAxes.NONE, outputs);
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

    /**
     * (B*S, H) to (B, outputs).
     *
     * @throws InvalidInputException if a sequence has no end token
     */
    @Override
    public NDArray logits(ForwardPass pass, NDArray hidden, DeviceBatch batch) {
        NDArray last = Operators.rows(batch.vector(lastEnds(batch.host(), endId)), hidden); // (B, H)
        NDArray kept = pass.kernels(shape).dropout(pass, last, dropout); // (B, H)
        NDArray dense = Operators.linear(kept, pass.value(denseWeight), pass.value(denseBias)); // (B, H)
        NDArray again = pass.kernels(shape).dropout(pass, dense.tanh(), dropout + 1); // (B, H)
        return Operators.linear(again, pass.value(outputWeight), pass.value(outputBias)); // (B, outputs)
    }

    /** Places of the sequences' last end tokens in (B*S). */
    static int[] lastEnds(Batch batch, int endId) {
        int[] last = new int[batch.rows()];
        for (int row = 0; row < last.length; row++) {
            int first = row * batch.length();
            int at = first + batch.lengths()[row] - 1;
            while (at >= first && batch.inputIds()[at] != endId) {
                at--;
            }
            if (at < first) {
                throw InvalidInputException.of(
                        "config.json", "eos_token_id", endId, "the token that ends the sequences of the tokenizer");
            }
            last[row] = at;
        }
        return last;
    }
}
