package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.blocks.EncoderSize;
import norma.trainer.blocks.FeedForward;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Norm;
import norma.trainer.blocks.SelfAttention;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Kernels.AttentionPlace;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.Slice;

/**
 * An encoder layer whose norms stand before self-attention and feed-forward, with nothing on the residual (Xiong et al.
 * 2020), under the names of Hugging Face's MegatronBert.
 */
final class PreNormLayer {
    private static final int OUT = 0; // of a matrix (H, F)

    private final int index;
    private final int hiddenSize;
    private final String prefix;
    private final Norm attentionNorm;
    private final SelfAttention attention;
    private final Norm feedForwardNorm;
    private final FeedForward feedForward;

    PreNormLayer(NetworkParameters parameters, BertConfig config, int index) {
        this.index = index;
        hiddenSize = config.hiddenSize();
        prefix = BertArchitecture.layerPrefix(index);
        int dropout = EncoderSize.firstDropout(index);
        AttentionPlace place = new AttentionPlace(AttentionKind.ENCODER, index, dropout);
        attentionNorm = parameters.norm(config.norm(), prefix + "attention.ln", hiddenSize, config.layerNormEps());
        attention = new SelfAttention(parameters, config, prefix + "attention.", place);
        feedForwardNorm = parameters.norm(config.norm(), prefix + "ln", hiddenSize, config.layerNormEps());
        feedForward = new FeedForward(parameters, config.shape(), prefix, config.intermediateSize(), dropout + 2);
    }

    /** x + attention(norm(x)): (B*S, H) to (B*S, H). */
    NDArray plusAttention(ForwardPass pass, NDArray x, DeviceBatch batch) {
        return attention.plus(pass, attentionNorm.apply(pass, x), x, batch); // (B*S, H)
    }

    /** x + feed-forward(norm(x)): (B*S, H) to (B*S, H). */
    NDArray plusFeedForward(ForwardPass pass, NDArray x) {
        return feedForward.plus(pass, feedForwardNorm.apply(pass, x), x); // (B*S, H)
    }

    /** Names of what the attention reads, its norm too. */
    List<String> attentionParameters() {
        List<String> names = new ArrayList<>(attentionNorm.parameterNames());
        names.addAll(attention.parameterNames());
        return names;
    }

    /** Names of what the feed-forward part reads, its norm too. */
    List<String> feedForwardParameters() {
        List<String> names = new ArrayList<>(feedForwardNorm.parameterNames());
        names.addAll(feedForward.parameterNames());
        return names;
    }

    List<List<Parameter>> stacks() {
        return attention.stacks();
    }

    /** The two norms, and the last operation of the layer, which is a matrix: one row for each dimension. */
    List<LayerNormSite> sites() {
        String name = "layer." + index;
        return List.of(
                attentionNorm.site(name + ".attention.input", Stack.ENCODER, index, Kind.ATTENTION),
                feedForwardNorm.site(name + ".intermediate.input", Stack.ENCODER, index, Kind.FEED_FORWARD),
                new LayerNormSite(
                        name + ".output",
                        Stack.ENCODER,
                        index,
                        Kind.OUTPUT,
                        hiddenSize,
                        new Slice(prefix + "output.dense.weight", OUT),
                        Slice.ofVector(prefix + "output.dense.bias")));
    }
}
