package norma.datasets.tokenizer;

import java.util.Locale;

/**
 * What a vocabulary's limited alphabet covers of the text that it was trained on. A word with a character outside it is
 * the unknown token as a whole.
 *
 * @param characters different ones in the text
 * @param kept those of them in the alphabet, the most frequent ones
 * @param words of the running text
 * @param unknownWords those of them with a character outside the alphabet
 */
public record AlphabetCoverage(long characters, long kept, long words, long unknownWords) {
    /** Share of the running words that the limit makes unknown, from 0 to 1. */
    public double unknownShare() {
        return words == 0 ? 0 : (double) unknownWords / words;
    }

    /** Whether the limit left out anything. */
    public boolean isLimited() {
        return kept < characters;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d of %,d different characters are in the alphabet, which makes %.3g %% of the running words [UNK]"
                        + " (%,d of %,d; limit_alphabet sets how many are kept)",
                kept,
                characters,
                100 * unknownShare(),
                unknownWords,
                words);
    }
}
