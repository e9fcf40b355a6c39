package norma.datasets.objectives;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.SentenceMarks;
import norma.datasets.tokens.TokenSplit;

/**
 * What a model learns from text. An objective makes sequences of a text ({@link #examples}) and says what is predicted
 * in each ({@link #predictions}); whoever adds one adds a record here, its key in {@link #keys} and in {@link #of}.
 */
public sealed interface Objective
        permits MaskedLm,
                MaskedLmWithNextSentence,
                CausalLm,
                ReplacedTokens,
                MarkedReplacements,
                PermutationLm,
                Denoising {
    /** A label of Hugging Face's where nothing is predicted. */
    int NOT_PREDICTED = -100;

    /** Its value of {@code data.objective}. */
    String key();

    /** What {@code data.packing} has to be, with the reason; empty if the objective takes this one. */
    Optional<String> insteadOf(Packing packing);

    /** What people call a model that learns it. */
    String label();

    /** What its loss over tokens is called in {@code metrics.jsonl}, where {@code _loss} follows. */
    String tokenLoss();

    /**
     * How far after a position its label stands in Hugging Face's {@code labels}: 0 where the token at the position is
     * predicted, 1 where the next one is.
     */
    int labelOffset();

    /** What the tokens have to know of sentences. */
    SentenceMarks marks(Packing packing);

    /** Whether sequences are pairs, and whether the second part follows the first is predicted too. */
    boolean nextSentence();

    /** How tokens are hidden; empty if none are. */
    Optional<MaskedLm> masks();

    /** The share of the tokens that are hidden, in expectation; empty if none are. */
    default Optional<Double> hiddenShare() {
        return masks().map(MaskedLm::probability);
    }

    /** Tokens of the text before each sequence that are read with it; empty if none ever are. */
    default Optional<Integer> memoryLength() {
        return Optional.empty();
    }

    /**
     * The same objective with a memory of the text before each sequence.
     *
     * @param length tokens, null for none
     * @throws InvalidInputException if it remembers nothing
     */
    default Objective remembering(Integer length) {
        if (length != null && length != 0) {
            throw InvalidInputException.of(
                    "data", "mem_len", length, "none, because objective " + key() + " has no memory");
        }
        return this;
    }

    /**
     * How many tokens of a sequence are predicted, in expectation.
     *
     * @param length S
     */
    default double predictionsOf(int length) {
        return hiddenShare().map(share -> length * share).orElse(length - 1.0);
    }

    /**
     * The network of a checkpoint whose draws stand in the places of masked tokens when the checkpoint's own model
     * reads them; empty if that reads the masks.
     */
    default Optional<String> madeBy() {
        return Optional.empty();
    }

    /** What is learned from sequences that come with labels of their own, from a file; most often the same. */
    default Objective ofLabels() {
        return this;
    }

    /**
     * Whether what is predicted stands in the sequence, and a batch says from which tokens it is hidden; no mask token
     * stands in its place.
     */
    default boolean hidesByOrder() {
        return false;
    }

    /** Whether a model that learns it says at each blank which one token stands there, from what is on both sides. */
    default boolean fillsBlanks() {
        return masks().isPresent();
    }

    /** Whether a decoder says the whole text, with the special tokens around it, and not what stands in a sequence. */
    default boolean decodes() {
        return false;
    }

    /** Whether labels are tokens, so that a text with its labels in their places is the original one. */
    default boolean predictsTokens() {
        return true;
    }

    /**
     * The sequences of a split.
     *
     * @param length S, tokens of a sequence at most
     * @throws InvalidInputException if the format lacks what the objective needs
     */
    Examples examples(Packing packing, TokenSplit split, SequenceFrame frame, int length);

    /**
     * What is predicted in a sequence.
     *
     * @throws InvalidInputException if the tokenizer lacks a token that the objective needs
     */
    PredictionRule predictions(Tokenizer tokenizer);

    /**
     * Where something is predicted.
     *
     * @param labels of sequences of one length, row by row, as Hugging Face has them, {@link #NOT_PREDICTED} where
     *     nothing is predicted
     * @param length S
     * @param lengths tokens of each sequence
     * @return positions whose label stands {@link #labelOffset} after them, ascending
     */
    default int[] predictedPositions(int[] labels, int length, int[] lengths) {
        return IntStream.range(0, labels.length)
                .filter(i -> labels[i] != NOT_PREDICTED && i % length >= labelOffset())
                .map(i -> i - labelOffset())
                .toArray();
    }

    /** Every value that {@link #tokenLoss} may have. */
    static List<String> tokenLosses() {
        return List.of(MaskedLm.KEY, CausalLm.KEY, PermutationLm.KEY, Denoising.KEY);
    }

    /** Every value that {@code data.objective} may have. */
    static List<String> keys() {
        return List.of(
                MaskedLm.KEY,
                MaskedLmWithNextSentence.KEY,
                CausalLm.KEY,
                ReplacedTokens.KEY,
                PermutationLm.KEY,
                Denoising.KEY);
    }

    /**
     * The objective of a key.
     *
     * @param maskProbability that a token is predicted, null for the default
     * @param wholeWordMasking whether the tokens of a word are chosen together, null for the default
     * @throws InvalidInputException if there is no such objective, or an option does not go with it
     */
    static Objective of(String key, Double maskProbability, Boolean wholeWordMasking) {
        return switch (key) {
            case MaskedLm.KEY -> MaskedLm.of(maskProbability, wholeWordMasking);
            case MaskedLmWithNextSentence.KEY ->
                new MaskedLmWithNextSentence(MaskedLm.of(maskProbability, wholeWordMasking));
            case CausalLm.KEY -> CausalLm.of(maskProbability, wholeWordMasking);
            case ReplacedTokens.KEY -> new ReplacedTokens(MaskedLm.of(maskProbability, wholeWordMasking));
            case PermutationLm.KEY -> PermutationLm.of(maskProbability, wholeWordMasking);
            case Denoising.KEY -> Denoising.of(maskProbability, wholeWordMasking);
            default -> throw InvalidInputException.of("data", "objective", key, String.join(", ", keys()));
        };
    }
}
