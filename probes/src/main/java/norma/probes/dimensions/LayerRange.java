package norma.probes.dimensions;

import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.InvalidInputException;

/**
 * Some layers, counted from 0.
 *
 * @param spans each from a first to a last layer, both of them in it; -1 as the last: to the end
 */
public record LayerRange(List<Span> spans) {
    /** Every layer. */
    public static final LayerRange ALL = new LayerRange(List.of(new Span(0, -1)));

    /** Layers from a first to a last one, or to the end where that is -1. */
    public record Span(int first, int last) {}

    /** A layer and all after it. */
    public static LayerRange from(int first) {
        return new LayerRange(List.of(new Span(first, -1)));
    }

    public LayerRange {
        spans = List.copyOf(spans);
    }

    /** Whether a layer is among them. */
    public boolean contains(int layer) {
        return spans.stream().anyMatch(span -> layer >= span.first() && (span.last() < 0 || layer <= span.last()));
    }

    /**
     * Refuses a model of too few layers.
     *
     * @throws InvalidInputException if it lacks one that is named
     */
    public void requireWithin(int layers) {
        for (Span span : spans) {
            if (Math.max(span.first(), span.last()) >= layers) {
                throw InvalidInputException.setting(
                        "layers", words(), "layers 0 to " + (layers - 1) + " of this model");
            }
        }
    }

    /** Such as {@code 3}, {@code 0-5}, {@code 8-} (from 8 on), or several of them with commas between. */
    public String words() {
        List<String> words = new ArrayList<>();
        for (Span span : spans) {
            words.add(
                    span.last() == span.first()
                            ? Integer.toString(span.first())
                            : span.first() + "-" + (span.last() < 0 ? "" : Integer.toString(span.last())));
        }
        return String.join(",", words);
    }
}
