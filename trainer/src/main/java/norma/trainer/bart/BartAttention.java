package norma.trainer.bart;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.stream.Stream;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.Kernels;
import norma.trainer.model.TransformerShape;

/** Attention under Hugging Face's names of BartAttention: of a stack to itself, or of the decoder to the encoder. */
final class BartAttention {
    private final TransformerShape shape;
    private final Kernels.AttentionPlace place;
    private final boolean toItself;
    private final Parameter keyWeight;
    private final Parameter keyBias;
    private final Parameter valueWeight;
    private final Parameter valueBias;
    private final Parameter queryWeight;
    private final Parameter queryBias;
    private final Parameter outputWeight;
    private final Parameter outputBias;

    /**
     * Makes the parameters: {@code k_proj.weight}, … after a prefix.
     *
     * @param prefix with its dot
     * @param range standard deviation that matrices start with
     * @param place which attention, for observers and dropout
     * @param toItself whether keys and values are made of what queries are made of, by one matrix product
     */
    BartAttention(
            NetworkParameters parameters,
            TransformerShape shape,
            String prefix,
            double range,
            Kernels.AttentionPlace place,
            boolean toItself) {
        this.shape = shape;
        this.place = place;
        this.toItself = toItself;
        long h = shape.hiddenSize();
        keyWeight = parameters.normal(prefix + "k_proj.weight", range, HiddenAxes.SECOND, h, h);
        keyBias = parameters.bias(prefix + "k_proj.bias", HiddenAxes.NONE, h);
        valueWeight = parameters.normal(prefix + "v_proj.weight", range, HiddenAxes.SECOND, h, h);
        valueBias = parameters.bias(prefix + "v_proj.bias", HiddenAxes.NONE, h);
        queryWeight = parameters.normal(prefix + "q_proj.weight", range, HiddenAxes.SECOND, h, h);
        queryBias = parameters.bias(prefix + "q_proj.bias", HiddenAxes.NONE, h);
        outputWeight = parameters.normal(prefix + "out_proj.weight", range, HiddenAxes.FIRST, h, h);
        outputBias = parameters.bias(prefix + "out_proj.bias", HiddenAxes.FIRST, h);
    }

    /** What one matrix product makes together. */
    List<List<Parameter>> stacks() {
        return toItself
                ? List.of(List.of(queryWeight, keyWeight, valueWeight), List.of(queryBias, keyBias, valueBias))
                : List.of(List.of(keyWeight, valueWeight), List.of(keyBias, valueBias));
    }

    /** Names of what this reads. */
    List<String> parameterNames() {
        return Stream.of(keyWeight, keyBias, valueWeight, valueBias, queryWeight, queryBias, outputWeight, outputBias)
                .map(Parameter::getName)
                .toList();
    }

    /** dropout(attention(x)) + x: (B*S, H) to (B*S, H). */
    NDArray plusResidual(ForwardPass pass, NDArray x, DeviceBatch batch) {
        Kernels.AttentionWeights weights = new Kernels.AttentionWeights(
                pass.stacked(queryWeight, keyWeight, valueWeight), // (3H, H)
                pass.stacked(queryBias, keyBias, valueBias), // (3H)
                pass.value(outputWeight),
                pass.value(outputBias));
        return pass.kernels(shape).selfAttention(pass, weights, new Kernels.AttentionInput(x, x, null), batch, place);
    }

    /** dropout(attention of x to the memory) + x: (B*T, H), (B*S, H) to (B*T, H). */
    NDArray plusResidual(ForwardPass pass, NDArray x, NDArray memory, DeviceBatch source) {
        Kernels.CrossAttentionWeights weights = new Kernels.CrossAttentionWeights(
                pass.value(queryWeight),
                pass.value(queryBias),
                pass.stacked(keyWeight, valueWeight), // (2H, H)
                pass.stacked(keyBias, valueBias), // (2H)
                pass.value(outputWeight),
                pass.value(outputBias));
        return pass.kernels(shape)
                .crossAttention(pass, weights, new Kernels.CrossAttentionInput(x, x, memory), source, place);
    }
}
