package norma.probes.fill;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A text that was continued.
 *
 * @param text as the user wrote it
 * @param tokens its tokens as the vocabulary spells them
 * @param full by the whole model
 * @param ablated without the chosen dimensions; null where none are
 * @param random without as many others; null where none are
 */
public record ContinuedText(
        String text, List<String> tokens, Continuation full, Continuation ablated, Continuation random) {
    public ContinuedText {
        tokens = List.copyOf(tokens);
    }

    /** Those that were run. */
    List<Continuation> variants() {
        return Stream.of(full, ablated, random).filter(Objects::nonNull).toList();
    }
}
