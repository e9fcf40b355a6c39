package norma.datasets.objectives;

import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.SentenceMarks;
import norma.datasets.tokens.TokenSplit;

/**
 * The denoising of BART (Lewis et al. 2020, section 2.2): an encoder reads a text whose sentences were permuted
 * ({@link PermutedSentences}) and of which spans were masked ({@link TextInfilling}), and a decoder says the original
 * one, token by token.
 *
 * @param probability that a token is masked
 */
public record Denoising(double probability) implements Objective {
    static final String KEY = "denoising";

    private static final double DEFAULT_PROBABILITY = 0.3;

    /** BART's: 30 % of the tokens are masked. */
    public static final Denoising STANDARD = new Denoising(DEFAULT_PROBABILITY);

    public Denoising {
        if (!(probability > 0 && probability < 1)) {
            throw InvalidInputException.of("data", "mask_probability", probability, "a probability between 0 and 1");
        }
    }

    static Denoising of(Double maskProbability, Boolean wholeWordMasking) {
        if (wholeWordMasking != null && wholeWordMasking) {
            throw InvalidInputException.of(
                    "data", "whole_word_masking", true, "none, because objective " + KEY + " masks spans of tokens");
        }
        return maskProbability == null ? STANDARD : new Denoising(maskProbability);
    }

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public String label() {
        return "denoising model";
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

    /** Where sentences begin: they are permuted. */
    @Override
    public SentenceMarks marks(Packing packing) {
        return packing.marks() == SentenceMarks.SEPARATORS ? SentenceMarks.SEPARATORS : SentenceMarks.PLACES;
    }

    @Override
    public boolean nextSentence() {
        return false;
    }

    @Override
    public Optional<MaskedLm> masks() {
        return Optional.empty();
    }

    @Override
    public Optional<Double> hiddenShare() {
        return Optional.of(probability);
    }

    /** All of them: the decoder says the whole text. */
    @Override
    public double predictionsOf(int length) {
        return length;
    }

    @Override
    public boolean decodes() {
        return true;
    }

    @Override
    public Examples examples(Packing packing, TokenSplit split, SequenceFrame frame, int length) {
        Examples inOrder = packing.examples(split, frame, length);
        return packing.cutsRunningText()
                ? new PermutedSentences(inOrder, split, frame, packing.marks() == SentenceMarks.SEPARATORS)
                : inOrder;
    }

    @Override
    public PredictionRule predictions(Tokenizer tokenizer) {
        return new TextInfilling(tokenizer, probability);
    }
}
