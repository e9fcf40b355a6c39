package norma.trainer.gpt2;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import norma.trainer.blocks.HeadBlock;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;

/** A linear layer without bias on each sequence's last token, as Hugging Face's GPT2ForSequenceClassification. */
final class Gpt2Classifier implements HeadBlock {
    private final Parameter weight;

    Gpt2Classifier(NetworkParameters parameters, Gpt2Config config, int outputs) {
        weight = parameters.normal(
                "score.weight", config.initializerRange(), HiddenAxes.SECOND, outputs, config.nEmbd());
    }

    @Override
    public int outputs() {
        return Math.toIntExact(weight.getShape().get(0));
    }

    /** (B*S, H) to (B, outputs). */
    @Override
    public NDArray logits(ForwardPass pass, NDArray hidden, DeviceBatch batch) {
        NDArray last = Operators.rows(batch.lastTokens(), hidden); // (B, H)
        return Operators.linear(last, pass.value(weight)); // (B, outputs)
    }
}
