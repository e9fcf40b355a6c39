package norma.trainer.model;

import norma.datasets.base.PublicApi;

/**
 * One place of a network that is recorded at every step: a LayerNorm, or the output component of a layer that does not
 * end in one.
 *
 * @param name unique in the network, for people and files: {@code embeddings}, {@code layer.0.output}, {@code head}, …
 * @param stack which stack of layers it belongs to
 * @param layer counted from 0 within the stack; {@link #NO_LAYER} outside the layers
 * @param kind what it normalises
 * @param width H, the length of its vectors
 * @param weight its scaling factors; null where it has none
 * @param bias its shifts; null where it has none, as RMSNorm
 * @param constants numbers that stand in place of scaling factors, all 1 and never trained: nothing of them is recorded
 *     or ruled on, and a dimension is switched off by one that is 0; null where there are none
 */
public record LayerNormSite(
        @PublicApi String name,
        @PublicApi Stack stack,
        @PublicApi int layer,
        @PublicApi Kind kind,
        @PublicApi int width,
        Slice weight,
        Slice bias,
        Slice constants) {
    /** The layer of a site outside the layers. */
    @PublicApi
    public static final int NO_LAYER = -1;

    /** A stack of layers. */
    @PublicApi
    public enum Stack {
        ENCODER,
        DECODER
    }

    /** What a site normalises. */
    @PublicApi
    public enum Kind {
        /** The sum of the embeddings. */
        EMBEDDINGS,
        /** The same where a matrix takes it to the hidden states, whose dimensions are others. */
        PROJECTED_EMBEDDINGS,
        /** What self-attention takes or gives. */
        ATTENTION,
        /** What attention to another stack takes or gives. */
        CROSS_ATTENTION,
        /** What the feed-forward part takes, where the layer does not end with this site. */
        FEED_FORWARD,
        /** The output component of a layer, its last operation: what the paper's rule looks at and ablations edit. */
        OUTPUT,
        /** What leaves the last layer. */
        FINAL,
        /** Inside a head, whose dimensions are others than the hidden states'. */
        HEAD
    }

    /** A site without constants. */
    public LayerNormSite(String name, Stack stack, int layer, Kind kind, int width, Slice weight, Slice bias) {
        this(name, stack, layer, kind, width, weight, bias, null);
    }

    /** What multiplies its positions, trained or not; null where nothing does. */
    public Slice factors() {
        return weight == null ? constants : weight;
    }

    public LayerNormSite {
        if (layer < NO_LAYER || width < 1 || (weight == null && bias == null)) {
            throw new IllegalArgumentException(
                    name + ": layer " + layer + ", width " + width + ", " + weight + ", " + bias);
        }
    }

    /** The same in a network that a checkpoint keeps beside the main one, under that network's name. */
    LayerNormSite in(String network) {
        return new LayerNormSite(
                network + "." + name,
                stack,
                layer,
                kind,
                width,
                weight == null ? null : weight.in(network),
                bias == null ? null : bias.in(network));
    }

    /** The name of the network that it belongs to: that of a checkpoint's folder, most often the main one's. */
    @PublicApi
    public String network() {
        return (weight == null ? bias : weight).network();
    }

    /** Whether this is the output component of a layer, the one that the paper's rule and ablations look at. */
    @PublicApi
    public boolean isLayerOutput() {
        return kind == Kind.OUTPUT;
    }
}
