package norma.probes.attention;

import java.util.Comparator;
import java.util.Locale;
import norma.datasets.batches.Batch;
import norma.probes.dimensions.StackTokens;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.LayerNormSite.Stack;

/**
 * One attention of a model: BERT has one in each layer, a decoder that reads an encoder two.
 *
 * @param kind which attention of the layer
 * @param layer from 0 in its stack
 */
public record AttentionLayer(AttentionKind kind, int layer) implements Comparable<AttentionLayer> {
    /** The kind, as people and files have it. */
    public static String label(AttentionKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** What the queries are of. */
    static Batch queries(AttentionKind kind, Batch batch) {
        return kind == AttentionKind.ENCODER ? batch : StackTokens.of(Stack.DECODER, batch);
    }

    /** What the keys are of. */
    static Batch keys(AttentionKind kind, Batch batch) {
        return kind == AttentionKind.DECODER ? StackTokens.of(Stack.DECODER, batch) : batch;
    }

    /** By kind, and then by layer. */
    @Override
    public int compareTo(AttentionLayer other) {
        return Comparator.comparing(AttentionLayer::kind)
                .thenComparingInt(AttentionLayer::layer)
                .compare(this, other);
    }
}
