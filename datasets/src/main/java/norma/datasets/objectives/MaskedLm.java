package norma.datasets.objectives;

import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.SentenceMarks;
import norma.datasets.tokens.TokenSplit;

/**
 * The masked language model: some tokens are hidden and predicted (Devlin et al. 2019, section 3.1; what becomes of
 * them is said at {@link Masking}). The masks of every epoch are others, as RoBERTa's (Liu et al. 2019, section 4.1).
 *
 * @param probability that a token is predicted
 * @param wholeWords whether the tokens of a word are chosen together
 */
public record MaskedLm(double probability, boolean wholeWords) implements Objective {
    static final String KEY = "mlm";

    private static final double DEFAULT_PROBABILITY = 0.15;

    /** BERT's: 15 % of the tokens, each by itself. */
    public static final MaskedLm STANDARD = new MaskedLm(DEFAULT_PROBABILITY, false);

    public MaskedLm {
        if (!(probability > 0 && probability < 1)) {
            throw InvalidInputException.of("data", "mask_probability", probability, "a probability between 0 and 1");
        }
    }

    static MaskedLm of(Double probability, Boolean wholeWords) {
        return new MaskedLm(probability == null ? DEFAULT_PROBABILITY : probability, wholeWords != null && wholeWords);
    }

    /**
     * Probability of a label at a chosen position that shows a token and not [MASK], for one who knows how often tokens
     * occur and nothing of the context.
     *
     * @param label how often the label occurs, as a share
     * @param shown how often the token that is shown occurs
     * @param same whether it is the label
     * @param ordinary tokens of the vocabulary that are not special
     */
    public static double withoutContext(double label, double shown, boolean same, int ordinary) {
        return Masking.withoutContext(label, shown, same, ordinary);
    }

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public String label() {
        return "masked language model";
    }

    @Override
    public String tokenLoss() {
        return KEY;
    }

    @Override
    public int labelOffset() {
        return 0;
    }

    @Override
    public Optional<String> insteadOf(Packing packing) {
        return Optional.empty();
    }

    @Override
    public SentenceMarks marks(Packing packing) {
        return packing.marks();
    }

    @Override
    public boolean nextSentence() {
        return false;
    }

    @Override
    public Optional<MaskedLm> masks() {
        return Optional.of(this);
    }

    @Override
    public Examples examples(Packing packing, TokenSplit split, SequenceFrame frame, int length) {
        return packing.examples(split, frame, length);
    }

    @Override
    public PredictionRule predictions(Tokenizer tokenizer) {
        return new Masking(tokenizer, probability, wholeWords);
    }
}
