package norma.trainer.bert;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import norma.datasets.base.InvalidInputException;

/**
 * BERT's shape, with the keys and the defaults of Hugging Face's {@code config.json} (BertConfig). A component that is
 * null takes its default; only {@code vocabSize} may stay null, until the tokenizer is known.
 *
 * @param vocabSize V, rows of the word embedding; null: as many as the tokenizer has tokens
 * @param hiddenSize H
 * @param numHiddenLayers number of encoder layers
 * @param numAttentionHeads A; H must be a multiple of it
 * @param intermediateSize width of the feed-forward layer
 * @param hiddenAct {@code gelu} (erf), {@code gelu_new} (tanh) or {@code relu}
 * @param hiddenDropoutProb after embeddings, attention output and feed-forward output; in [0, 1)
 * @param attentionProbsDropoutProb on attention probabilities; in [0, 1)
 * @param maxPositionEmbeddings longest sequence
 * @param typeVocabSize number of segment ids
 * @param layerNormEps added to the variance in every LayerNorm
 * @param initializerRange standard deviation of the truncated normal that matrices and embeddings start from
 * @param padTokenId id of the padding token
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record BertConfig(
        Integer vocabSize,
        Integer hiddenSize,
        Integer numHiddenLayers,
        Integer numAttentionHeads,
        Integer intermediateSize,
        String hiddenAct,
        Double hiddenDropoutProb,
        Double attentionProbsDropoutProb,
        Integer maxPositionEmbeddings,
        Integer typeVocabSize,
        Double layerNormEps,
        Double initializerRange,
        Integer padTokenId) {

    public BertConfig {
        hiddenSize = hiddenSize == null ? 768 : hiddenSize;
        numHiddenLayers = numHiddenLayers == null ? 12 : numHiddenLayers;
        numAttentionHeads = numAttentionHeads == null ? 12 : numAttentionHeads;
        intermediateSize = intermediateSize == null ? 4 * hiddenSize : intermediateSize;
        hiddenAct = hiddenAct == null ? "gelu" : hiddenAct;
        hiddenDropoutProb = hiddenDropoutProb == null ? 0.1 : hiddenDropoutProb;
        attentionProbsDropoutProb = attentionProbsDropoutProb == null ? 0.1 : attentionProbsDropoutProb;
        maxPositionEmbeddings = maxPositionEmbeddings == null ? 512 : maxPositionEmbeddings;
        typeVocabSize = typeVocabSize == null ? 2 : typeVocabSize;
        layerNormEps = layerNormEps == null ? 1e-12 : layerNormEps;
        initializerRange = initializerRange == null ? 0.02 : initializerRange;
        padTokenId = padTokenId == null ? 0 : padTokenId;

        if (vocabSize != null) {
            requirePositive("vocab_size", vocabSize);
        }
        requirePositive("hidden_size", hiddenSize);
        requirePositive("num_hidden_layers", numHiddenLayers);
        requirePositive("num_attention_heads", numAttentionHeads);
        requirePositive("intermediate_size", intermediateSize);
        requirePositive("max_position_embeddings", maxPositionEmbeddings);
        requirePositive("type_vocab_size", typeVocabSize);
        requireProbability("hidden_dropout_prob", hiddenDropoutProb);
        requireProbability("attention_probs_dropout_prob", attentionProbsDropoutProb);
        require(layerNormEps > 0 && layerNormEps < 1, "layer_norm_eps", layerNormEps, "a number between 0 and 1");
        require(
                initializerRange > 0 && initializerRange < 10,
                "initializer_range",
                initializerRange,
                "a positive standard deviation below 10");
        require(padTokenId >= 0, "pad_token_id", padTokenId, "a token id of at least 0");
        require(
                hiddenSize % numAttentionHeads == 0,
                "hidden_size",
                hiddenSize,
                "a multiple of num_attention_heads (" + numAttentionHeads + ")");
        require(
                hiddenAct.equals("gelu") || hiddenAct.equals("gelu_new") || hiddenAct.equals("relu"),
                "hidden_act",
                hiddenAct,
                "gelu, gelu_new or relu");
    }

    /** D = H / A, the width of one attention head. */
    @JsonIgnore
    public int headSize() {
        return hiddenSize / numAttentionHeads;
    }

    /** The same shape with another vocabulary. */
    public BertConfig withVocabSize(int size) {
        return new BertConfig(
                size,
                hiddenSize,
                numHiddenLayers,
                numAttentionHeads,
                intermediateSize,
                hiddenAct,
                hiddenDropoutProb,
                attentionProbsDropoutProb,
                maxPositionEmbeddings,
                typeVocabSize,
                layerNormEps,
                initializerRange,
                padTokenId);
    }

    /** The same shape with another LayerNorm epsilon. */
    public BertConfig withLayerNormEps(double eps) {
        return new BertConfig(
                vocabSize,
                hiddenSize,
                numHiddenLayers,
                numAttentionHeads,
                intermediateSize,
                hiddenAct,
                hiddenDropoutProb,
                attentionProbsDropoutProb,
                maxPositionEmbeddings,
                typeVocabSize,
                eps,
                initializerRange,
                padTokenId);
    }

    /**
     * Reads Hugging Face's {@code config.json}; keys that do not change the computation are passed over.
     *
     * @param json the parsed file
     * @param source its name, for messages
     * @throws InvalidInputException if it describes something that this model does not compute
     */
    public static BertConfig fromJson(JsonNode json, String source) {
        requireValue(json, source, "model_type", "bert");
        requireValue(json, source, "position_embedding_type", "absolute");
        requireValue(json, source, "tie_word_embeddings", "true");
        requireValue(json, source, "is_decoder", "false");
        try {
            return new BertConfig(
                    integer(json, source, "vocab_size"),
                    integer(json, source, "hidden_size"),
                    integer(json, source, "num_hidden_layers"),
                    integer(json, source, "num_attention_heads"),
                    json.has("intermediate_size") ? integer(json, source, "intermediate_size") : Integer.valueOf(3072),
                    json.has("hidden_act") ? json.get("hidden_act").asText() : null,
                    number(json, source, "hidden_dropout_prob"),
                    number(json, source, "attention_probs_dropout_prob"),
                    integer(json, source, "max_position_embeddings"),
                    integer(json, source, "type_vocab_size"),
                    number(json, source, "layer_norm_eps"),
                    number(json, source, "initializer_range"),
                    integer(json, source, "pad_token_id"));
        } catch (InvalidInputException e) {
            throw e.getMessage().startsWith(source) ? e : new InvalidInputException(source + ": " + e.getMessage(), e);
        }
    }

    /** This configuration as Hugging Face's {@code config.json} for BertForPreTraining. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add("BertForPreTraining");
        json.put("model_type", "bert");
        json.put("vocab_size", vocabSize);
        json.put("hidden_size", hiddenSize);
        json.put("num_hidden_layers", numHiddenLayers);
        json.put("num_attention_heads", numAttentionHeads);
        json.put("intermediate_size", intermediateSize);
        json.put("hidden_act", hiddenAct);
        json.put("hidden_dropout_prob", hiddenDropoutProb);
        json.put("attention_probs_dropout_prob", attentionProbsDropoutProb);
        json.put("max_position_embeddings", maxPositionEmbeddings);
        json.put("type_vocab_size", typeVocabSize);
        json.put("layer_norm_eps", layerNormEps);
        json.put("initializer_range", initializerRange);
        json.put("pad_token_id", padTokenId);
        json.put("position_embedding_type", "absolute");
        json.put("tie_word_embeddings", true);
        return json;
    }

    private static Integer integer(JsonNode json, String source, String key) {
        JsonNode value = json.get(key);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw InvalidInputException.of(source, key, value, "a whole number");
        }
        return value.intValue();
    }

    private static Double number(JsonNode json, String source, String key) {
        JsonNode value = json.get(key);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isNumber()) {
            throw InvalidInputException.of(source, key, value, "a number");
        }
        return value.doubleValue();
    }

    private static void requireValue(JsonNode json, String source, String key, String expected) {
        JsonNode value = json.get(key);
        if (value != null && !value.isNull() && !value.asText().equals(expected)) {
            throw InvalidInputException.of(source, key, value, expected);
        }
    }

    private static void requirePositive(String key, int value) {
        require(value >= 1, key, value, "a whole number of at least 1");
    }

    private static void requireProbability(String key, double value) {
        require(value >= 0 && value < 1, key, value, "a probability of at least 0 and below 1");
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw InvalidInputException.of("model", key, value, expected);
        }
    }
}
