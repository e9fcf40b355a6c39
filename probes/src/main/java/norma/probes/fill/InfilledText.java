package norma.probes.fill;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import norma.datasets.tokenizer.MaskedText;

/**
 * A text whose blanks were filled with as many tokens as belong there.
 *
 * @param text with blanks
 * @param tokens its tokens as the vocabulary spells them
 * @param full of each blank, what the whole model writes there
 * @param ablated without the chosen dimensions; null where none are
 * @param random without as many others; null where none are
 */
public record InfilledText(
        MaskedText text,
        List<String> tokens,
        List<Continuation> full,
        List<Continuation> ablated,
        List<Continuation> random) {
    public InfilledText {
        tokens = List.copyOf(tokens);
    }

    /** Those that were run. */
    List<List<Continuation>> variants() {
        return Stream.of(full, ablated, random).filter(Objects::nonNull).toList();
    }
}
