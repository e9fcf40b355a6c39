package norma.datasets.tokenizer;

import java.util.Locale;
import java.util.Optional;

/**
 * A tokenizer that was trained.
 *
 * @param tokenizer to be closed by whoever takes it
 * @param coverage of the text by its alphabet; byte-level BPE spells everything
 */
public record TrainedTokenizer(Tokenizer tokenizer, AlphabetCoverage coverage) {
    /** What to say where the text gave a smaller vocabulary than was asked for; empty where it did not. */
    public Optional<String> shortage(TokenizerConfig asked) {
        return shortage(tokenizer.vocabularySize(), asked);
    }

    /** The same of a vocabulary of so many tokens, which may be a given one. */
    public static Optional<String> shortage(int vocabularySize, TokenizerConfig asked) {
        return asked.path() != null || vocabularySize >= asked.vocabSize()
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "the text gives %,d tokens, not the %,d asked for: no pair of neighbours occurs twice any more",
                        vocabularySize,
                        asked.vocabSize()));
    }
}
