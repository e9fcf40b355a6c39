package norma.datasets.objectives;

import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.SentenceMarks;
import norma.datasets.tokens.TokenSplit;

/**
 * BERT's own objective: masked tokens in pairs of sentences, and whether the second sentence follows the first (Devlin
 * et al. 2019, section 3.1).
 *
 * @param masked how tokens are hidden
 */
public record MaskedLmWithNextSentence(MaskedLm masked) implements Objective {
    static final String KEY = "mlm+nsp";

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
        return packing == Packing.FULL
                ? Optional.empty()
                : Optional.of(Packing.FULL.key() + ", because objective " + KEY + " packs pairs itself");
    }

    @Override
    public SentenceMarks marks(Packing packing) {
        return SentenceMarks.PLACES;
    }

    @Override
    public boolean nextSentence() {
        return true;
    }

    @Override
    public Optional<MaskedLm> masks() {
        return Optional.of(masked);
    }

    @Override
    public Examples examples(Packing packing, TokenSplit split, SequenceFrame frame, int length) {
        if (!frame.format().takesPairs()) {
            throw InvalidInputException.of(
                    "config",
                    "data.objective",
                    KEY,
                    "one for single texts, because " + frame.format().name() + " takes no pairs");
        }
        return new SentencePairExamples(split, frame, length);
    }

    @Override
    public PredictionRule predictions(Tokenizer tokenizer) {
        return masked.predictions(tokenizer);
    }
}
