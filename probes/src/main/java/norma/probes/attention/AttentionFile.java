package norma.probes.attention;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code norma attention} found, as {@link AttentionJson#read} reads it.
 *
 * @param command that was typed; empty where it was not noted
 * @param model the checkpoint's folder; empty where it was not noted
 * @param step of the checkpoint; empty for a model of no run
 * @param uniform what attention spread evenly would be, by the label of the attention; by {@code ""} in a model that
 *     has one kind
 * @param full of the whole model
 * @param ablated without dimensions; empty where none were switched off
 * @param random without others, mean over the draws; empty in the same case, its dimensions are those of the draws
 * @param draws of the others, each with its mean over all heads
 */
public record AttentionFile(
        Optional<String> command,
        Optional<String> model,
        Optional<Long> step,
        Map<String, HeadStatistics> uniform,
        Variant full,
        Optional<Variant> ablated,
        Optional<Variant> random,
        List<Draw> draws) {
    public AttentionFile {
        uniform = Collections.unmodifiableMap(new LinkedHashMap<>(uniform));
        draws = List.copyOf(draws);
    }

    /**
     * Attention of a model, whole or not.
     *
     * @param dimensions that were switched off
     * @param mean over all heads
     * @param layers in the model's order
     */
    public record Variant(List<Integer> dimensions, HeadStatistics mean, List<Layer> layers) {
        public Variant {
            dimensions = List.copyOf(dimensions);
            layers = List.copyOf(layers);
        }
    }

    /**
     * An attention layer.
     *
     * @param attention label of its kind; empty in a model that has one kind
     * @param layer its number among those of its kind, from 0
     * @param mean over its heads
     * @param heads from 0
     */
    public record Layer(Optional<String> attention, int layer, HeadStatistics mean, List<HeadStatistics> heads) {
        public Layer {
            heads = List.copyOf(heads);
        }
    }

    /** A random draw: what was switched off, and the mean over all heads. */
    public record Draw(List<Integer> dimensions, HeadStatistics mean) {
        public Draw {
            dimensions = List.copyOf(dimensions);
        }
    }
}
