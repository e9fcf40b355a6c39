package norma.trainer.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalInt;
import norma.trainer.dropout.DropoutSite;

/**
 * A model's shape, whatever its architecture. An architecture's own record carries the keys and the defaults of Hugging
 * Face's {@code config.json}.
 */
public interface ModelConfig {
    /** {@code model_type} of {@code config.json}. */
    @JsonProperty("model_type")
    String modelType();

    /** V, the tokens that it can predict; null until the tokenizer is known. */
    Integer vocabSize();

    /** Rows of the word embedding: V, and those that only fill the table up; null until the tokenizer is known. */
    default Integer vocabularyRows() {
        return vocabSize();
    }

    /** Whether the word embedding may have rows of no token, which their output bias keeps from being predicted. */
    default boolean padsVocabulary() {
        return false;
    }

    /** The same shape with another vocabulary. */
    ModelConfig withVocabSize(int size);

    /**
     * The same with what was left to the tokenizer.
     *
     * @param size tokens of its vocabulary
     * @param padId the token that fills its rows
     * @param endId the token that ends a text, where it has one
     */
    default ModelConfig forTokenizer(int size, int padId, OptionalInt endId) {
        return vocabSize() == null ? withVocabSize(size) : this;
    }

    /**
     * The same with what was left to the training's data.
     *
     * @param length of its sequences
     */
    default ModelConfig forSequences(int length) {
        return this;
    }

    /** H, the width of the hidden states. */
    Integer hiddenSize();

    /** Layers of all stacks together. */
    Integer numHiddenLayers();

    /** How many of the layers also attend to another stack. */
    default int crossAttentionLayers() {
        return 0;
    }

    /** The key of {@link #numHiddenLayers}. */
    default String layersKey() {
        return "num_hidden_layers";
    }

    /** Attention heads of a layer. */
    Integer numAttentionHeads();

    /** F, the width of the feed-forward layer. */
    Integer intermediateSize();

    /** What the computations of a layer take. */
    TransformerShape shape();

    /** Tokens of the longest sequence that the model takes, special ones counted. */
    int longestSequence();

    /** The key that decides {@link #longestSequence}. */
    default String positionsKey() {
        return "max_position_embeddings";
    }

    /** Whether a query's attention probabilities sum to 1, which clipped ones need not. */
    default boolean attentionSumsToOne() {
        return true;
    }

    /** Number of segment ids. */
    Integer typeVocabSize();

    /** Id of the padding token; null until the tokenizer is known. */
    Integer padTokenId();

    /** Id of the token that a decoder reads first; empty where no decoder reads a target, or until it is known. */
    default OptionalInt decoderStartId() {
        return OptionalInt.empty();
    }

    /**
     * The places of dropout of the network without heads, in the order of its forward pass.
     *
     * @param length tokens of the sequences of a micro-batch
     * @param longest length of the longest sequence of the step
     */
    List<DropoutSite> dropoutSites(long length, long longest);

    /** The same where a decoder's rows have a length of their own. */
    default List<DropoutSite> dropoutSites(BatchLengths lengths, BatchLengths longest) {
        return dropoutSites(lengths.source(), longest.source());
    }

    /**
     * Multiplications that a forward pass cannot do without, each followed by an addition: those of the matrix
     * products, with logits at the predicted positions only.
     *
     * @param rows B, sequences
     * @param length S, their padded length
     * @param predictions predicted positions of the whole batch
     * @param nextSentence whether the next-sentence head runs too
     */
    double multiplications(long rows, long length, long predictions, boolean nextSentence);

    /**
     * Numbers that autograd keeps of a layer for the way back beside those of self-attention and feed-forward as BERT's
     * layers have them.
     *
     * @param rows B, sequences
     * @param length S, their padded length
     */
    default double keptBesides(long rows, long length) {
        return 0;
    }

    /**
     * How many parameters the network has at least: matrices and embedding tables without heads; a vocabulary that is
     * not known yet counts as 1.
     */
    double parameters();

    /** So many times as wide: the feed-forward layer too, and as many more heads, of the same size. */
    ModelConfig wider(int factor);

    /** So many times the layers. */
    ModelConfig deeper(int factor);

    /** Hugging Face's {@code config.json} of the model for pre-training. */
    ObjectNode toJson();
}
