package norma.datasets.objectives;

import java.util.Locale;
import norma.datasets.base.Counted;
import norma.datasets.tokens.TokenSplit;

/**
 * Some of a split's tokens, for people. The separators behind documents are no text.
 *
 * @param tokens how many
 * @param ofText all tokens of the split's text
 */
record TextShare(long tokens, long ofText) {
    static TextShare of(long tokens, TokenSplit split) {
        return new TextShare(tokens, text(split));
    }

    /** Tokens of a split without the separators behind its documents. */
    static long text(TokenSplit split) {
        return split.tokens() - split.documents();
    }

    /** Such as {@code 1,205 tokens, 3.1 % of the training text}. */
    @Override
    public String toString() {
        double share = tokens / (double) ofText;
        String percent = share < 0.001 ? "less than 0.1 %" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
        return Counted.of(tokens, "token") + ", " + percent + " of the training text";
    }
}
