package norma.probes.ablation;

import norma.datasets.base.InvalidInputException;
import norma.trainer.model.LayerNormSite;

/** Which LayerNorms of BERT an ablation edits. */
public enum SiteKind {
    /** {@code output.LayerNorm}, the last operation of each layer: what the paper ablates. */
    OUTPUT,
    /** {@code attention.output.LayerNorm} of each layer. */
    ATTENTION,
    /** The LayerNorm of the embeddings. */
    EMBEDDINGS;

    /** Whether a site is of this kind. The masked-LM head's LayerNorm is of none: its dimensions are others. */
    public boolean contains(LayerNormSite site) {
        return switch (this) {
            case OUTPUT -> site.isLayerOutput();
            case ATTENTION -> site.name().endsWith(".attention.output");
            case EMBEDDINGS -> site.name().equals("embeddings");
        };
    }

    /** The layer of a site, or -1 for one outside the layers. */
    static int layer(LayerNormSite site) {
        return site.name().startsWith("layer.") ? Integer.parseInt(site.name().split("\\.", -1)[1]) : -1;
    }

    /** The kind that a word on the command line names. */
    public static SiteKind of(String word) {
        return switch (word) {
            case "output" -> OUTPUT;
            case "attention" -> ATTENTION;
            case "embeddings" -> EMBEDDINGS;
            default ->
                throw InvalidInputException.of(
                        "command line", "--sites", word, "output, attention, embeddings, several of them, or all");
        };
    }
}
