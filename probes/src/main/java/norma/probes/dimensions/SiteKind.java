package norma.probes.dimensions;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import norma.trainer.model.LayerNormSite;

/**
 * Kinds of sites whose dimensions are those of the hidden states; those of a head, or of embeddings that a matrix takes
 * to the hidden states, are others and are of no kind here.
 */
public enum SiteKind {
    /** The output component of each layer, its last operation: what the paper ablates. */
    OUTPUT,
    /** The LayerNorms of each layer's attention, to its own stack and to another. */
    ATTENTION,
    /** The LayerNorm before each layer's feed-forward part, where the layer does not end with it. */
    FEED_FORWARD,
    /** The LayerNorm of the embeddings. */
    EMBEDDINGS,
    /** The LayerNorm after the last layer. */
    FINAL;

    /** Whether a site is of this kind. */
    public boolean contains(LayerNormSite site) {
        return switch (site.kind()) {
            case OUTPUT -> this == OUTPUT;
            case ATTENTION, CROSS_ATTENTION -> this == ATTENTION;
            case FEED_FORWARD -> this == FEED_FORWARD;
            case EMBEDDINGS -> this == EMBEDDINGS;
            case FINAL -> this == FINAL;
            case PROJECTED_EMBEDDINGS, HEAD -> false;
        };
    }

    /** As people and files have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The labels of all, with commas between. */
    public static String labels() {
        return Stream.of(values()).map(SiteKind::label).collect(Collectors.joining(", "));
    }
}
