package norma.datasets.objectives;

import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.SentenceMarks;
import norma.datasets.tokens.TokenSplit;

/**
 * The causal language model: at every token of a sequence but the last, the next one is predicted (Radford et al. 2019,
 * section 2); nothing is hidden.
 */
public record CausalLm() implements Objective {
    static final String KEY = "clm";

    static CausalLm of(Double maskProbability, Boolean wholeWordMasking) {
        if (maskProbability != null) {
            throw InvalidInputException.of(
                    "data", "mask_probability", maskProbability, "none, because objective " + KEY + " hides no tokens");
        }
        if (wholeWordMasking != null && wholeWordMasking) {
            throw InvalidInputException.of(
                    "data", "whole_word_masking", true, "none, because objective " + KEY + " hides no tokens");
        }
        return new CausalLm();
    }

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public String label() {
        return "causal language model";
    }

    @Override
    public String tokenLoss() {
        return KEY;
    }

    @Override
    public int labelOffset() {
        return 1;
    }

    @Override
    public Optional<String> insteadOf(Packing packing) {
        return packing.cutsRunningText()
                ? Optional.empty()
                : Optional.of(Packing.FULL.key() + ", because objective " + KEY + " reads running text");
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
    public Examples examples(Packing packing, TokenSplit split, SequenceFrame frame, int length) {
        return packing.examples(split, frame, length);
    }

    @Override
    public PredictionRule predictions(Tokenizer tokenizer) {
        return (sequence, key) -> {
            for (int i = 0; i + 1 < sequence.length(); i++) {
                sequence.predict(i, sequence.ids()[i + 1]);
            }
        };
    }
}
