package norma.trainer.bart;

import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Norm;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.Kernels.AttentionPlace;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;

/**
 * One layer of the encoder (Vaswani et al. 2017, figure 1, left): self-attention and feed-forward, each with a residual
 * and a LayerNorm after it.
 */
final class BartEncoderLayer {
    private final BartAttention attention;
    private final BartLink attended;
    private final BartLink output;

    BartEncoderLayer(NetworkParameters parameters, BartConfig config, int index) {
        String name = "encoder.layers." + index + ".";
        String prefix = "model." + name;
        int dropout = new BartDropouts(config).encoderLayer(index);
        AttentionPlace place = new AttentionPlace(AttentionKind.ENCODER, index, dropout);
        attention = new BartAttention(parameters, config.shape(), prefix + "self_attn.", config.initStd(), place, true);
        Norm attentionNorm =
                parameters.layerNorm(prefix + "self_attn_layer_norm", config.dModel(), BartConfig.LAYER_NORM_EPS);
        BartFeedForward feedForward =
                new BartFeedForward(parameters, config.shape(), config, prefix, config.encoderFfnDim(), dropout + 2);
        Norm outputNorm = parameters.layerNorm(prefix + "final_layer_norm", config.dModel(), BartConfig.LAYER_NORM_EPS);

        // y = LN(x + self-attention(x))
        attended = new BartLink(
                (pass, x, memory, batch) -> attention.plusResidual(pass, x, batch),
                attention.parameterNames(),
                attentionNorm,
                attentionNorm.site(name + "self_attn_layer_norm", Stack.ENCODER, index, Kind.ATTENTION));
        // LN(y + feed-forward(y))
        output = new BartLink(
                (pass, y, memory, batch) -> feedForward.plusResidual(pass, y),
                feedForward.parameterNames(),
                outputNorm,
                outputNorm.site(name + "final_layer_norm", Stack.ENCODER, index, Kind.OUTPUT));
    }

    /** Its LayerNorms. */
    List<BartLink> links() {
        return List.of(attended, output);
    }

    /** What one matrix product makes together. */
    List<List<Parameter>> stacks() {
        return attention.stacks();
    }
}
