package norma.trainer.gpt2;

import ai.djl.ndarray.NDArray;
import java.util.List;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Norm;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Kernels;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.Slice;
import norma.trainer.model.TransformerShape;

/**
 * One layer of GPT-2: self-attention and feed-forward, each with a LayerNorm before it, added to the residual stream
 * (Radford et al. 2019, section 2.3).
 */
final class Gpt2Layer {
    private static final int OUT = 1; // the axis of a Conv1D's weight that counts its outputs

    private final int index;
    private final TransformerShape shape;
    private final Norm attentionNorm;
    private final Conv1d queryKeyValue;
    private final Conv1d attentionOutput;
    private final Norm feedForwardNorm;
    private final Conv1d inner;
    private final Conv1d output;

    Gpt2Layer(NetworkParameters parameters, Gpt2Config config, int index) {
        this.index = index;
        shape = config.shape();
        String prefix = "transformer." + name() + ".";
        int h = config.nEmbd();
        double range = config.initializerRange();
        double residualRange = range / Math.sqrt(2.0 * config.nLayer());
        attentionNorm = parameters.layerNorm(prefix + "ln_1", h, config.layerNormEpsilon());
        queryKeyValue = Conv1d.reading(parameters, prefix + "attn.c_attn", range, h, 3L * h);
        attentionOutput = Conv1d.writing(parameters, prefix + "attn.c_proj", residualRange, h, h);
        feedForwardNorm = parameters.layerNorm(prefix + "ln_2", h, config.layerNormEpsilon());
        inner = Conv1d.reading(parameters, prefix + "mlp.c_fc", range, h, config.nInner());
        output = Conv1d.writing(parameters, prefix + "mlp.c_proj", residualRange, config.nInner(), h);
    }

    private String name() {
        return "h." + index;
    }

    /** x + attention(LN(x)), every token on itself and those before it: (B*S, H) to (B*S, H). */
    NDArray plusAttention(ForwardPass pass, NDArray x, DeviceBatch batch) {
        NDArray normed = attentionNorm.apply(pass, x); // (B*S, H)
        Kernels.AttentionWeights weights = new Kernels.AttentionWeights(
                queryKeyValue.weight(pass, normed), // (3H, H)
                queryKeyValue.bias(pass),
                attentionOutput.weight(pass, normed), // (H, H)
                attentionOutput.bias(pass));
        Kernels.AttentionPlace place =
                new Kernels.AttentionPlace(AttentionKind.DECODER, index, Gpt2Config.firstDropout(index));
        Kernels.AttentionInput input = new Kernels.AttentionInput(normed, x, null);
        return pass.kernels(shape).selfAttention(pass, weights, input, batch, place); // (B*S, H)
    }

    /** x + feed-forward(LN(x)): (B*S, H) to (B*S, H). */
    NDArray plusFeedForward(ForwardPass pass, NDArray x) {
        NDArray normed = feedForwardNorm.apply(pass, x); // (B*S, H)
        Kernels.FeedForwardWeights weights = new Kernels.FeedForwardWeights(
                inner.weight(pass, normed), // (F, H)
                inner.bias(pass),
                output.weight(pass, normed), // (H, F)
                output.bias(pass));
        return pass.kernels(shape)
                .feedForward(pass, weights, normed, x, Gpt2Config.firstDropout(index) + 2); // (B*S, H)
    }

    /** Names of what the attention reads, its LayerNorm too. */
    List<String> attentionParameters() {
        return names(attentionNorm, queryKeyValue, attentionOutput);
    }

    /** Names of what the feed-forward part reads, its LayerNorm too. */
    List<String> feedForwardParameters() {
        return names(feedForwardNorm, inner, output);
    }

    private static List<String> names(Norm norm, Conv1d first, Conv1d second) {
        return List.of(
                norm.weight().getName(),
                norm.bias().getName(),
                first.weight().getName(),
                first.bias().getName(),
                second.weight().getName(),
                second.bias().getName());
    }

    /** The two LayerNorms, and the last operation of the layer, which is a matrix: one column for each dimension. */
    List<LayerNormSite> sites() {
        return List.of(
                attentionNorm.site(name() + ".ln_1", Stack.DECODER, index, Kind.ATTENTION),
                feedForwardNorm.site(name() + ".ln_2", Stack.DECODER, index, Kind.FEED_FORWARD),
                new LayerNormSite(
                        name() + ".mlp.c_proj",
                        Stack.DECODER,
                        index,
                        Kind.OUTPUT,
                        shape.hiddenSize(),
                        new Slice(output.weight().getName(), OUT),
                        Slice.ofVector(output.bias().getName())));
    }
}
