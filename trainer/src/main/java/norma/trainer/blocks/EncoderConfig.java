package norma.trainer.blocks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.TransformerShape;

/** The shape of a post-LayerNorm encoder of BERT's kind, with the keys that its configurations share. */
public interface EncoderConfig extends ModelConfig {
    /** F where none is given: 4 H; the largest int where that is more, for which no machine has room. */
    static int usualIntermediateSize(int hiddenSize) {
        return (int) Math.min(Integer.MAX_VALUE, 4L * hiddenSize);
    }

    /** {@code gelu} (erf), {@code gelu_new} (tanh) or {@code relu}. */
    String hiddenAct();

    /** After embeddings, attention output and feed-forward output; in [0, 1). */
    Double hiddenDropoutProb();

    /** On attention probabilities; in [0, 1). */
    Double attentionProbsDropoutProb();

    /** Rows of the position table. */
    Integer maxPositionEmbeddings();

    /** Added to the variance in every LayerNorm. */
    Double layerNormEps();

    /** Standard deviation of the truncated normal that matrices and embeddings start from. */
    Double initializerRange();

    /** What the model is without, or does otherwise; null for nothing. */
    EncoderVariant variant();

    /** The same with other counts. */
    EncoderConfig resized(Integer vocabSize, int hiddenSize, int layers, int heads, int intermediateSize);

    @Override
    default TransformerShape shape() {
        return new TransformerShape(
                hiddenSize(),
                numAttentionHeads(),
                hiddenAct(),
                hiddenDropoutProb(),
                attentionProbsDropoutProb(),
                layerNormEps(),
                attention().stretch());
    }

    /** How a head attends. */
    default AttentionVariant attention() {
        return howItVaries().howItAttends();
    }

    /** Which norm the hidden states have. */
    default NormVariant norm() {
        return howItVaries().whichNorm();
    }

    /** Where the norms of a layer stand. */
    default NormPosition normPosition() {
        return howItVaries().whereNormsStand();
    }

    /** What differs from the plain model. */
    private EncoderVariant howItVaries() {
        return variant() == null ? EncoderVariant.PLAIN : variant();
    }

    @Override
    default Integer vocabularyRows() {
        return howItVaries().vocabularyRows(vocabSize());
    }

    @Override
    default boolean padsVocabulary() {
        return howItVaries().padVocabToMultipleOf() != null;
    }

    @Override
    default boolean attentionSumsToOne() {
        return attention().stretch().isNone();
    }

    /**
     * Checks every value that the configurations share.
     *
     * @throws norma.datasets.base.InvalidInputException naming the key
     */
    default void requireRules() {
        ConfigRules.positive("vocab_size", vocabSize());
        ConfigRules.positive("hidden_size", hiddenSize());
        ConfigRules.layers("num_hidden_layers", numHiddenLayers());
        ConfigRules.positive("num_attention_heads", numAttentionHeads());
        ConfigRules.positive("intermediate_size", intermediateSize());
        ConfigRules.positive("max_position_embeddings", maxPositionEmbeddings());
        ConfigRules.positive("type_vocab_size", typeVocabSize());
        ConfigRules.probability("hidden_dropout_prob", hiddenDropoutProb());
        ConfigRules.probability("attention_probs_dropout_prob", attentionProbsDropoutProb());
        ConfigRules.epsilon("layer_norm_eps", layerNormEps());
        ConfigRules.standardDeviation("initializer_range", initializerRange());
        ConfigRules.tokenId("pad_token_id", padTokenId());
        ConfigRules.heads(hiddenSize(), numAttentionHeads());
        ConfigRules.activation("hidden_act", hiddenAct());
    }

    /**
     * Hugging Face's {@code config.json} of such an encoder.
     *
     * @throws norma.datasets.base.InvalidInputException if it describes something that none of them computes here
     */
    static ConfigJson json(JsonNode json, String source, String modelType) {
        ConfigJson config = new ConfigJson(json, source);
        EncoderVariant variant = EncoderVariant.of(config);
        String stored = variant == null ? modelType : variant.storedType(modelType);
        return config.require("model_type", stored)
                .require("position_embedding_type", "absolute")
                .require("tie_word_embeddings", "true")
                .require("is_decoder", "false");
    }

    /** Adds the keys that the configurations share. */
    default void putInto(ObjectNode json) {
        json.put("model_type", howItVaries().storedType(modelType()));
        json.put("vocab_size", vocabularyRows());
        json.put("hidden_size", hiddenSize());
        json.put("num_hidden_layers", numHiddenLayers());
        json.put("num_attention_heads", numAttentionHeads());
        json.put("intermediate_size", intermediateSize());
        json.put("hidden_act", hiddenAct());
        json.put("hidden_dropout_prob", hiddenDropoutProb());
        json.put("attention_probs_dropout_prob", attentionProbsDropoutProb());
        json.put("max_position_embeddings", maxPositionEmbeddings());
        json.put("type_vocab_size", typeVocabSize());
        json.put("layer_norm_eps", layerNormEps());
        json.put("initializer_range", initializerRange());
        json.put("pad_token_id", padTokenId());
        json.put("position_embedding_type", "absolute");
        json.put("tie_word_embeddings", true);
        howItVaries().putInto(json, vocabSize());
    }

    @Override
    default List<DropoutSite> dropoutSites(long length, long longest) {
        return size().dropoutSites(length, longest, hiddenDropoutProb(), attentionProbsDropoutProb());
    }

    @Override
    default double multiplications(long rows, long length, long predictions, boolean nextSentence) {
        return size().multiplications(rows, length, predictions, nextSentence);
    }

    @Override
    default double parameters() {
        double tables = (double) maxPositionEmbeddings() + typeVocabSize();
        return size().parameters() + tables * hiddenSize();
    }

    private EncoderSize size() {
        int vocabulary = vocabSize() == null ? 1 : vocabSize();
        return new EncoderSize(vocabulary, hiddenSize(), numHiddenLayers(), numAttentionHeads(), intermediateSize());
    }

    @Override
    default EncoderConfig withVocabSize(int size) {
        return resized(size, hiddenSize(), numHiddenLayers(), numAttentionHeads(), intermediateSize());
    }

    @Override
    default EncoderConfig wider(int factor) {
        return resized(
                vocabSize(),
                hiddenSize() * factor,
                numHiddenLayers(),
                numAttentionHeads() * factor,
                intermediateSize() * factor);
    }

    @Override
    default EncoderConfig deeper(int factor) {
        return resized(vocabSize(), hiddenSize(), numHiddenLayers() * factor, numAttentionHeads(), intermediateSize());
    }
}
