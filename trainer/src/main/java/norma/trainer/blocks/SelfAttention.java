package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.Kernels;
import norma.trainer.model.TransformerShape;

/** Self-attention with its output projection, residual, dropouts and gate; see {@link Kernels#selfAttention}. */
public final class SelfAttention {
    private final TransformerShape shape;
    private final Kernels.AttentionPlace place;
    private final Parameter queryWeight;
    private final Parameter keyWeight;
    private final Parameter valueWeight;
    private final Parameter queryBias;
    private final Parameter keyBias;
    private final Parameter valueBias;
    private final Parameter outputWeight;
    private final Parameter outputBias;
    private final AttentionGate gate;

    /**
     * Makes the parameters: {@code self.query.weight}, … and {@code output.dense.weight}, … after a prefix.
     *
     * @param prefix with its dot
     * @param place which attention, for observers and dropout; the site after its own is that of the output
     */
    public SelfAttention(
            NetworkParameters parameters, EncoderConfig config, String prefix, Kernels.AttentionPlace place) {
        shape = config.shape();
        this.place = place;
        long h = shape.hiddenSize();
        queryWeight = parameters.matrix(prefix + "self.query.weight", HiddenAxes.SECOND, h, h);
        keyWeight = parameters.matrix(prefix + "self.key.weight", HiddenAxes.SECOND, h, h);
        valueWeight = parameters.matrix(prefix + "self.value.weight", HiddenAxes.SECOND, h, h);
        queryBias = parameters.bias(prefix + "self.query.bias", HiddenAxes.NONE, h);
        keyBias = parameters.bias(prefix + "self.key.bias", HiddenAxes.NONE, h);
        valueBias = parameters.bias(prefix + "self.value.bias", HiddenAxes.NONE, h);
        gate = AttentionGate.make(parameters, shape, config.attention(), prefix + "self.");
        outputWeight = parameters.matrix(prefix + "output.dense.weight", HiddenAxes.FIRST, h, h);
        outputBias = parameters.bias(prefix + "output.dense.bias", HiddenAxes.FIRST, h);
    }

    /** What one matrix product makes together. */
    public List<List<Parameter>> stacks() {
        return List.of(List.of(queryWeight, keyWeight, valueWeight), List.of(queryBias, keyBias, valueBias));
    }

    /** Names of what this reads. */
    public List<String> parameterNames() {
        List<String> names = AttentionGate.names(gate);
        names.addAll(List.of(
                queryWeight.getName(),
                keyWeight.getName(),
                valueWeight.getName(),
                queryBias.getName(),
                keyBias.getName(),
                valueBias.getName(),
                outputWeight.getName(),
                outputBias.getName()));
        return names;
    }

    /** dropout(attention(x)) + x: (B*S, H) to (B*S, H). */
    public NDArray plusResidual(ForwardPass pass, NDArray x, DeviceBatch batch) {
        return plus(pass, x, x, batch);
    }

    /** dropout(attention(x)) + residual: (B*S, H) to (B*S, H). */
    public NDArray plus(ForwardPass pass, NDArray x, NDArray residual, DeviceBatch batch) {
        Kernels.AttentionWeights weights = new Kernels.AttentionWeights(
                pass.stacked(queryWeight, keyWeight, valueWeight),
                pass.stacked(queryBias, keyBias, valueBias),
                pass.value(outputWeight),
                pass.value(outputBias));
        NDArray through = gate == null ? null : gate.of(pass, x); // (B*S, A)
        return pass.kernels(shape)
                .selfAttention(pass, weights, new Kernels.AttentionInput(x, residual, through), batch, place);
    }
}
