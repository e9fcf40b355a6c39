package norma.trainer.bart;

import ai.djl.nn.Parameter;
import java.util.List;
import java.util.stream.Stream;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Norm;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.Kernels.AttentionPlace;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;

/**
 * One layer of the decoder (Vaswani et al. 2017, figure 1, right): self-attention in which no token sees what follows,
 * attention to the encoder's last hidden state, and feed-forward, each with a residual and a LayerNorm after it.
 */
final class BartDecoderLayer {
    private final BartAttention self;
    private final BartAttention cross;
    private final List<BartLink> links;

    BartDecoderLayer(NetworkParameters parameters, BartConfig config, int index) {
        String name = "decoder.layers." + index + ".";
        String prefix = "model." + name;
        int h = config.dModel();
        double range = config.initStd();
        int dropout = new BartDropouts(config).decoderLayer(index);
        AttentionPlace ofSelf = new AttentionPlace(AttentionKind.DECODER, index, dropout);
        self = new BartAttention(parameters, config.decoderShape(), prefix + "self_attn.", range, ofSelf, true);
        Norm selfNorm = parameters.layerNorm(prefix + "self_attn_layer_norm", h, BartConfig.LAYER_NORM_EPS);
        AttentionPlace ofCross = new AttentionPlace(AttentionKind.CROSS, index, dropout + 2);
        cross = new BartAttention(parameters, config.decoderShape(), prefix + "encoder_attn.", range, ofCross, false);
        Norm crossNorm = parameters.layerNorm(prefix + "encoder_attn_layer_norm", h, BartConfig.LAYER_NORM_EPS);
        BartFeedForward feedForward = new BartFeedForward(
                parameters, config.decoderShape(), config, prefix, config.decoderFfnDim(), dropout + 4);
        Norm outputNorm = parameters.layerNorm(prefix + "final_layer_norm", h, BartConfig.LAYER_NORM_EPS);

        links = List.of(
                new BartLink( // y = LN(x + self-attention(x))
                        (pass, x, memory, batch) -> self.plusResidual(pass, x, batch.target()),
                        self.parameterNames(),
                        selfNorm,
                        selfNorm.site(name + "self_attn_layer_norm", Stack.DECODER, index, Kind.ATTENTION)),
                new BartLink( // z = LN(y + cross-attention(y, memory))
                        (pass, y, memory, batch) -> cross.plusResidual(pass, y, memory, batch),
                        cross.parameterNames(),
                        crossNorm,
                        crossNorm.site(name + "encoder_attn_layer_norm", Stack.DECODER, index, Kind.CROSS_ATTENTION)),
                new BartLink( // LN(z + feed-forward(z))
                        (pass, z, memory, batch) -> feedForward.plusResidual(pass, z),
                        feedForward.parameterNames(),
                        outputNorm,
                        outputNorm.site(name + "final_layer_norm", Stack.DECODER, index, Kind.OUTPUT)));
    }

    /** Its LayerNorms. */
    List<BartLink> links() {
        return links;
    }

    /** What one matrix product makes together. */
    List<List<Parameter>> stacks() {
        return Stream.concat(self.stacks().stream(), cross.stacks().stream()).toList();
    }
}
