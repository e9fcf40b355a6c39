package norma.probes.fill;

import java.util.List;
import norma.datasets.tokenizer.MaskedText;

/**
 * A text with its blanks filled.
 *
 * @param text with blanks
 * @param tokens its tokens as the vocabulary spells them, [CLS] first and [SEP] last
 * @param full by the whole model
 * @param ablated without the chosen dimensions; null where none are
 * @param random without as many others; null where none are
 */
public record FilledText(MaskedText text, List<String> tokens, Filling full, Filling ablated, Filling random) {
    public FilledText {
        tokens = List.copyOf(tokens);
    }
}
