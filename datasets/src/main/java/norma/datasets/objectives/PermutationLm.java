package norma.datasets.objectives;

import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.SentenceMarks;
import norma.datasets.tokens.TokenSplit;

/**
 * The permutation language model: spans of about a sixth of the tokens are predicted in a random order, each token from
 * all that are not predicted and those before it in the order (Yang et al. 2019, "XLNet", sections 2.2 and 2.3; what is
 * drawn is said at {@link PermutedSpans}).
 *
 * @param memory tokens of the running text before each sequence that the model reads with it and does not learn from:
 *     the memory of the previous segment (section 2.2; Dai et al. 2019, "Transformer-XL", section 3.2)
 */
public record PermutationLm(int memory) implements Objective {
    static final String KEY = "plm";

    /** Without a memory. */
    public PermutationLm() {
        this(0);
    }

    static PermutationLm of(Double maskProbability, Boolean wholeWordMasking) {
        String none = "none, because objective " + KEY + " predicts spans of a sixth of the tokens";
        if (maskProbability != null) {
            throw InvalidInputException.of("data", "mask_probability", maskProbability, none);
        }
        if (wholeWordMasking != null && wholeWordMasking) {
            throw InvalidInputException.of("data", "whole_word_masking", true, none);
        }
        return new PermutationLm();
    }

    /**
     * The most tokens that are predicted in a sequence.
     *
     * @param length of the sequence, special tokens included
     */
    public static int mostPredictions(int length) {
        return PermutedSpans.most(length);
    }

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public String label() {
        return "permutation language model";
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
        return memory == 0 || packing.cutsRunningText()
                ? Optional.empty()
                : Optional.of(Packing.FULL.key() + " or " + Packing.SEPARATED_SENTENCES.key()
                        + ", because data.mem_len remembers the running text before a sequence");
    }

    @Override
    public Optional<Integer> memoryLength() {
        return Optional.of(memory);
    }

    @Override
    public PermutationLm remembering(Integer length) {
        if (length != null && length < 0) {
            throw InvalidInputException.of("data", "mem_len", length, "a whole number of at least 0");
        }
        return new PermutationLm(length == null ? 0 : length);
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
        return Optional.empty();
    }

    @Override
    public boolean hidesByOrder() {
        return true;
    }

    @Override
    public boolean fillsBlanks() {
        return true;
    }

    @Override
    public double predictionsOf(int length) {
        return mostPredictions(length);
    }

    @Override
    public Examples examples(Packing packing, TokenSplit split, SequenceFrame frame, int length) {
        return memory == 0 ? packing.examples(split, frame, length) : new PackedExamples(split, frame, length, memory);
    }

    @Override
    public PredictionRule predictions(Tokenizer tokenizer) {
        return new PermutedSpans(tokenizer);
    }
}
