package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;

/** tanh(W h + b) of the first token's last hidden state (Devlin et al. 2019, section 3.1). */
public final class Pooler implements HeadBlock {
    private final Parameter weight;
    private final Parameter bias;
    private final int hiddenSize;

    /**
     * Makes the parameters.
     *
     * @param prefix of weight and bias, without dot
     */
    public Pooler(NetworkParameters parameters, String prefix, int hiddenSize) {
        this.hiddenSize = hiddenSize;
        weight = parameters.matrix(prefix + ".weight", HiddenAxes.SECOND, hiddenSize, hiddenSize);
        bias = parameters.bias(prefix + ".bias", HiddenAxes.NONE, hiddenSize);
    }

    /** Its parameters. */
    public List<Parameter> parameters() {
        return List.of(weight, bias);
    }

    @Override
    public int outputs() {
        return hiddenSize;
    }

    /** (B*S, H) to (B, H). */
    @Override
    public NDArray logits(ForwardPass pass, NDArray hidden, DeviceBatch batch) {
        NDArray first = hidden.reshape(batch.rows(), -1, hiddenSize).get(":, 0"); // (B, H)
        return Operators.linear(first, pass.value(weight), pass.value(bias)).tanh(); // (B, H)
    }
}
