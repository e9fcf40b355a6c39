package norma.trainer.electra;

import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.blocks.EncoderSize;
import norma.trainer.blocks.FeedForward;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Norm;
import norma.trainer.blocks.ResidualChain.Link;
import norma.trainer.blocks.SelfAttention;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.Kernels.AttentionPlace;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;

/** One encoder layer: self-attention and feed-forward, each with a residual and a LayerNorm after it. */
final class ElectraLayer {
    private final int index;
    private final SelfAttention attention;
    private final Norm attentionNorm;
    private final FeedForward feedForward;
    private final Norm outputNorm;

    /**
     * Makes the parameters.
     *
     * @param firstDropout number of the network's first dropout site
     */
    ElectraLayer(NetworkParameters parameters, ElectraConfig config, int index, int firstDropout) {
        this.index = index;
        String prefix = "electra.encoder.layer." + index + ".";
        int dropout = firstDropout + EncoderSize.firstDropout(index);
        AttentionPlace place = new AttentionPlace(AttentionKind.ENCODER, index, dropout);
        attention = new SelfAttention(parameters, config, prefix + "attention.", place);
        attentionNorm =
                parameters.layerNorm(prefix + "attention.output.LayerNorm", config.hiddenSize(), config.layerNormEps());
        feedForward = new FeedForward(parameters, config.shape(), prefix, config.intermediateSize(), dropout + 2);
        outputNorm = parameters.layerNorm(prefix + "output.LayerNorm", config.hiddenSize(), config.layerNormEps());
    }

    /** The layer from top to bottom; every array is (B*S, H). */
    List<Link> links() {
        return List.of(
                new Link(
                        (pass, x, batch) -> attention.plusResidual(pass, x, batch),
                        attention.parameterNames(),
                        attentionNorm::apply,
                        attentionNorm.parameterNames(),
                        attentionNorm.site(
                                "layer." + index + ".attention.output", Stack.ENCODER, index, Kind.ATTENTION)),
                new Link(
                        (pass, x, batch) -> feedForward.plusResidual(pass, x),
                        feedForward.parameterNames(),
                        outputNorm::apply,
                        outputNorm.parameterNames(),
                        outputNorm.site("layer." + index + ".output", Stack.ENCODER, index, Kind.OUTPUT)));
    }

    List<List<Parameter>> stacks() {
        return attention.stacks();
    }
}
