package norma.datasets.objectives;

import java.util.Optional;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.SentenceMarks;
import norma.datasets.tokens.TokenSplit;

/**
 * Replaced-token detection (Clark, Luong, Le and Manning 2020, "ELECTRA", section 2): a generator fills masked tokens,
 * and a discriminator says of every token whether it is the original one. The generator learns as a masked language
 * model, from the same masks.
 *
 * @param masked how tokens are hidden from the generator
 */
public record ReplacedTokens(MaskedLm masked) implements Objective {
    /** What the loss of the discriminator is called in {@code metrics.jsonl}, where {@code _loss} follows. */
    public static final String KEY = "rtd";

    /** The network that makes the replacements, and its folder inside a checkpoint. */
    public static final String GENERATOR = "generator";

    /** With the masks of {@link MaskedLm#STANDARD}. */
    public static final ReplacedTokens STANDARD = new ReplacedTokens(MaskedLm.STANDARD);

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public String label() {
        return masked.label();
    }

    @Override
    public String tokenLoss() {
        return masked.tokenLoss();
    }

    @Override
    public int labelOffset() {
        return 0;
    }

    @Override
    public Optional<String> insteadOf(Packing packing) {
        return masked.insteadOf(packing);
    }

    @Override
    public SentenceMarks marks(Packing packing) {
        return masked.marks(packing);
    }

    @Override
    public boolean nextSentence() {
        return false;
    }

    @Override
    public Optional<MaskedLm> masks() {
        return Optional.of(masked);
    }

    @Override
    public Optional<String> madeBy() {
        return Optional.of(GENERATOR);
    }

    @Override
    public Objective ofLabels() {
        return new MarkedReplacements();
    }

    @Override
    public Examples examples(Packing packing, TokenSplit split, SequenceFrame frame, int length) {
        return masked.examples(packing, split, frame, length);
    }

    @Override
    public PredictionRule predictions(Tokenizer tokenizer) {
        return masked.predictions(tokenizer);
    }
}
