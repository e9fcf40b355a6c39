package norma.trainer.xlnet;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.stream.Stream;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Norm;
import norma.trainer.blocks.Operators;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Kernels;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.TransformerShape;

/**
 * One layer of XLNet: relative attention and feed-forward, each with a residual and a LayerNorm after it (Yang et al.
 * 2019, appendix A.2). Both streams go through it with the same weights; both look at the content stream.
 */
final class XlnetLayer {
    private final int index;
    private final XlnetConfig config;
    private final TransformerShape shape;
    private final Parameter query;
    private final Parameter key;
    private final Parameter value;
    private final Parameter output;
    private final Parameter position;
    private final Parameter positionBias;
    private final Parameter segmentBias;
    private final Parameter contentBias;
    private final Parameter segments;
    private final Norm attentionNorm;
    private final Parameter innerWeight;
    private final Parameter innerBias;
    private final Parameter outerWeight;
    private final Parameter outerBias;
    private final Norm outputNorm;

    XlnetLayer(NetworkParameters parameters, XlnetConfig config, int index) {
        this.index = index;
        this.config = config;
        shape = config.shape();
        String attention = "transformer.layer." + index + ".rel_attn.";
        String feedForward = "transformer.layer." + index + ".ff.";
        double range = config.initializerRange();
        int h = config.dModel();
        int a = config.nHead();
        int d = shape.headSize();
        query = parameters.normal(attention + "q", range, h, a, d);
        key = parameters.normal(attention + "k", range, h, a, d);
        value = parameters.normal(attention + "v", range, h, a, d);
        output = parameters.normal(attention + "o", range, h, a, d);
        position = parameters.normal(attention + "r", range, h, a, d);
        positionBias = parameters.normalBias(attention + "r_r_bias", range, a, d);
        segmentBias = parameters.normalBias(attention + "r_s_bias", range, a, d);
        contentBias = parameters.normalBias(attention + "r_w_bias", range, a, d);
        segments = parameters.normal(attention + "seg_embed", range, 2, a, d);
        attentionNorm = parameters.layerNorm(attention + "layer_norm", h, config.layerNormEps());
        outputNorm = parameters.layerNorm(feedForward + "layer_norm", h, config.layerNormEps());
        innerWeight = parameters.normal(feedForward + "layer_1.weight", range, config.dInner(), h);
        innerBias = parameters.bias(feedForward + "layer_1.bias", config.dInner());
        outerWeight = parameters.normal(feedForward + "layer_2.weight", range, h, config.dInner());
        outerBias = parameters.bias(feedForward + "layer_2.bias", h);
    }

    /**
     * attention(x) + x of both streams.
     *
     * @param h content (B*S, H)
     * @param g query (B*P, H), or null
     * @return as many
     */
    NDArray[] plusAttention(ForwardPass pass, NDArray h, NDArray g, XlnetInputs inputs, NDArray encodings) {
        Kernels kernels = pass.kernels(shape);
        long rows = inputs.rows();
        long length = h.getShape().get(0) / rows;
        long distinct = encodings.getShape().get(0) / (2 * length); // B, or 1
        Kernels.RelativeKeys keys = new Kernels.RelativeKeys(
                heads(kernels.product(h, columns(pass, key, h)), rows),
                heads(kernels.product(h, columns(pass, value, h)), rows),
                heads(kernels.product(encodings, columns(pass, position, h)), distinct));
        Kernels.RelativeWeights weights = new Kernels.RelativeWeights(
                columns(pass, query, h),
                rows(pass, output, h),
                pass.value(contentBias),
                pass.value(positionBias),
                pass.value(segmentBias),
                pass.value(segments));
        NDArray content = kernels.relativeAttention(
                pass, weights, keys, h, inputs.content(), place(AttentionKind.ENCODER)); // (B*S, H)
        NDArray asked = g == null
                ? null
                : kernels.relativeAttention(
                        pass, weights, keys, g, inputs.query(), place(AttentionKind.QUERY)); // (B*P, H)
        return new NDArray[] {content, asked};
    }

    private NDArray heads(NDArray projected, long sequences) {
        return Operators.heads(projected, sequences, shape);
    }

    private Kernels.AttentionPlace place(AttentionKind kind) {
        return new Kernels.AttentionPlace(kind, index, dropout(kind == AttentionKind.QUERY));
    }

    private int dropout(boolean ofQuery) {
        return ofQuery ? config.queryDropout(index) : XlnetConfig.contentDropout(index);
    }

    /** (H, A, D) as linear layers take it, (A*D, H): a view, whose manager is that of x. */
    private static NDArray columns(ForwardPass pass, Parameter parameter, NDArray x) {
        NDArray flat = rows(pass, parameter, x);
        NDArray view = flat.transpose();
        view.attach(x.getManager());
        return view;
    }

    /** (H, A, D) as (H, A*D). */
    private static NDArray rows(ForwardPass pass, Parameter parameter, NDArray x) {
        NDArray view = pass.value(parameter).reshape(x.getShape().get(1), -1);
        view.attach(x.getManager());
        return view;
    }

    /** The LayerNorm after attention: (N, H) to (N, H). */
    NDArray attentionNorm(ForwardPass pass, NDArray sum) {
        return attentionNorm.apply(pass, sum);
    }

    /** feed-forward(x) + x: (N, H) to (N, H). */
    NDArray plusFeedForward(ForwardPass pass, NDArray x, boolean ofQuery) {
        Kernels.FeedForwardWeights weights = new Kernels.FeedForwardWeights(
                pass.value(innerWeight), pass.value(innerBias), pass.value(outerWeight), pass.value(outerBias));
        return pass.kernels(shape).feedForwardDroppedInside(pass, weights, x, x, dropout(ofQuery) + 2);
    }

    /** The LayerNorm after the feed-forward part, the layer's last operation: (N, H) to (N, H). */
    NDArray outputNorm(ForwardPass pass, NDArray sum) {
        return outputNorm.apply(pass, sum);
    }

    /** Names of what attention reads, without its LayerNorm. */
    List<String> attentionParameters() {
        return names(query, key, value, output, position, positionBias, segmentBias, contentBias, segments);
    }

    /** Names of what the feed-forward part reads, with the LayerNorm before it. */
    List<String> feedForwardParameters() {
        return Stream.concat(
                        attentionNorm.parameterNames().stream(),
                        names(innerWeight, innerBias, outerWeight, outerBias).stream())
                .toList();
    }

    /** Names of what the last LayerNorm reads. */
    List<String> outputParameters() {
        return outputNorm.parameterNames();
    }

    private static List<String> names(Parameter... parameters) {
        return Stream.of(parameters).map(Parameter::getName).toList();
    }

    /** The two LayerNorms. */
    List<LayerNormSite> sites() {
        return List.of(
                attentionNorm.site("layer." + index + ".rel_attn", Stack.ENCODER, index, Kind.ATTENTION),
                outputNorm.site("layer." + index + ".ff", Stack.ENCODER, index, Kind.OUTPUT));
    }
}
