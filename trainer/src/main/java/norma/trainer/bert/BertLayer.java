package norma.trainer.bert;

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
final class BertLayer {
    private final int index;
    private final SelfAttention attention;
    private final Norm attentionNorm;
    private final FeedForward feedForward;
    private final Norm outputNorm;

    BertLayer(NetworkParameters parameters, BertConfig config, int index) {
        this.index = index;
        String prefix = BertArchitecture.layerPrefix(index);
        int dropout = EncoderSize.firstDropout(index);
        AttentionPlace place = new AttentionPlace(AttentionKind.ENCODER, index, dropout);
        attention = new SelfAttention(parameters, config, prefix + "attention.", place);
        attentionNorm = norm(parameters, config, prefix + "attention.output.LayerNorm");
        feedForward = new FeedForward(parameters, config.shape(), prefix, config.intermediateSize(), dropout + 2);
        outputNorm = norm(parameters, config, prefix + "output.LayerNorm");
    }

    private static Norm norm(NetworkParameters parameters, BertConfig config, String prefix) {
        return parameters.norm(config.norm(), prefix, config.hiddenSize(), config.layerNormEps());
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
