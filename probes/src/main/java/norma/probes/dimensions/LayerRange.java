package norma.probes.dimensions;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import norma.datasets.base.InvalidInputException;

/**
 * Some layers, counted from 0.
 *
 * @param spans each from a first to a last layer, both of them in it; -1 as the last: to the end
 */
public record LayerRange(List<Span> spans) {
    /** Every layer. */
    public static final LayerRange ALL = new LayerRange(List.of(new Span(0, -1)));

    private static final Pattern SPAN = Pattern.compile("(\\d{1,4})(-(\\d{1,4})?)?");

    /** Layers from a first to a last one, or to the end where that is -1. */
    public record Span(int first, int last) {}

    public LayerRange {
        spans = List.copyOf(spans);
    }

    /**
     * Reads {@code all}, {@code 3}, {@code 0-5}, {@code 8-} (from 8 on), or several of them with commas between.
     *
     * @throws InvalidInputException if it is none of these
     */
    public static LayerRange parse(String words) {
        if (words.equals("all")) {
            return ALL;
        }
        List<Span> spans = new ArrayList<>();
        for (String word : words.split(",", -1)) {
            Matcher matcher = SPAN.matcher(word.strip());
            if (!matcher.matches()) {
                throw wrong(words);
            }
            int first = Integer.parseInt(matcher.group(1));
            int last = matcher.group(2) == null
                    ? first
                    : matcher.group(3) == null ? -1 : Integer.parseInt(matcher.group(3));
            if (last >= 0 && last < first) {
                throw wrong(words);
            }
            spans.add(new Span(first, last));
        }
        return new LayerRange(spans);
    }

    private static InvalidInputException wrong(String words) {
        return InvalidInputException.of("command line", "--layers", words, "all, 3, 0-5, 8- (from 8 on), or a list");
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
                throw InvalidInputException.of(
                        "command line", "--layers", words(), "layers 0 to " + (layers - 1) + " of this model");
            }
        }
    }

    /** As the user would write it. */
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
