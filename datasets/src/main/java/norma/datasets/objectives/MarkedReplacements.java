package norma.datasets.objectives;

import java.util.Optional;
import java.util.stream.IntStream;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.SentenceMarks;
import norma.datasets.tokens.TokenSplit;

/**
 * Replaced-token detection in sequences whose replacements have been made: the label of every token is 0 if it is the
 * original one and 1 if it was replaced, as Hugging Face's ElectraForPreTraining has them. It makes no sequences of a
 * text; {@link ReplacedTokens} does.
 */
public record MarkedReplacements() implements Objective {
    @Override
    public String key() {
        return ReplacedTokens.KEY;
    }

    @Override
    public String label() {
        return "replaced-token detection";
    }

    @Override
    public String tokenLoss() {
        return ReplacedTokens.KEY;
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
        return Optional.empty();
    }

    /** Without padding, whatever its labels: Hugging Face's model leaves it out by the attention mask. */
    @Override
    public int[] predictedPositions(int[] labels, int length, int[] lengths) {
        return IntStream.range(0, labels.length)
                .filter(i -> labels[i] != NOT_PREDICTED && i % length < lengths[i / length])
                .toArray();
    }

    @Override
    public boolean predictsTokens() {
        return false;
    }

    @Override
    public Examples examples(Packing packing, TokenSplit split, SequenceFrame frame, int length) {
        throw new UnsupportedOperationException("replacements are made of a batch, not of a text");
    }

    @Override
    public PredictionRule predictions(Tokenizer tokenizer) {
        throw new UnsupportedOperationException("replacements are made of a batch, not of a text");
    }
}
