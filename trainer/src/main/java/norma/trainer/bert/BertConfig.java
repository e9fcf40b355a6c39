package norma.trainer.bert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import norma.trainer.blocks.ConfigJson;
import norma.trainer.blocks.ConfigRules;
import norma.trainer.blocks.EncoderSize;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.TransformerShape;

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
        Integer padTokenId)
        implements ModelConfig {
    /** {@code model_type} of BERT. */
    public static final String MODEL_TYPE = "bert";

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

        ConfigRules.positive("vocab_size", vocabSize);
        ConfigRules.positive("hidden_size", hiddenSize);
        ConfigRules.positive("num_hidden_layers", numHiddenLayers);
        ConfigRules.positive("num_attention_heads", numAttentionHeads);
        ConfigRules.positive("intermediate_size", intermediateSize);
        ConfigRules.positive("max_position_embeddings", maxPositionEmbeddings);
        ConfigRules.positive("type_vocab_size", typeVocabSize);
        ConfigRules.probability("hidden_dropout_prob", hiddenDropoutProb);
        ConfigRules.probability("attention_probs_dropout_prob", attentionProbsDropoutProb);
        ConfigRules.epsilon("layer_norm_eps", layerNormEps);
        ConfigRules.standardDeviation("initializer_range", initializerRange);
        ConfigRules.tokenId("pad_token_id", padTokenId);
        ConfigRules.heads(hiddenSize, numAttentionHeads);
        ConfigRules.activation("hidden_act", hiddenAct);
    }

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public int longestSequence() {
        return maxPositionEmbeddings;
    }

    /** What the computations of a layer take. */
    TransformerShape shape() {
        return new TransformerShape(
                hiddenSize, numAttentionHeads, hiddenAct, hiddenDropoutProb, attentionProbsDropoutProb, layerNormEps);
    }

    @Override
    public List<DropoutSite> dropoutSites(long length, long longest) {
        return size().dropoutSites(length, longest, hiddenDropoutProb, attentionProbsDropoutProb);
    }

    @Override
    public double multiplications(long rows, long length, long predictions, boolean nextSentence) {
        return size().multiplications(rows, length, predictions, nextSentence);
    }

    private EncoderSize size() {
        return new EncoderSize(
                ConfigRules.orElse(vocabSize, 1), hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize);
    }

    @Override
    public BertConfig withVocabSize(int size) {
        return with(size, hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize, layerNormEps);
    }

    @Override
    public BertConfig wider(int factor) {
        return with(
                vocabSize,
                hiddenSize * factor,
                numHiddenLayers,
                numAttentionHeads * factor,
                intermediateSize * factor,
                layerNormEps);
    }

    @Override
    public BertConfig deeper(int factor) {
        return with(vocabSize, hiddenSize, numHiddenLayers * factor, numAttentionHeads, intermediateSize, layerNormEps);
    }

    /** The same shape with another LayerNorm epsilon. */
    public BertConfig withLayerNormEps(double eps) {
        return with(vocabSize, hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize, eps);
    }

    private BertConfig with(Integer vocabulary, int hidden, int layers, int heads, int intermediate, double eps) {
        return new BertConfig(
                vocabulary,
                hidden,
                layers,
                heads,
                intermediate,
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
     * @throws norma.datasets.base.InvalidInputException if it describes something that this model does not compute
     */
    public static BertConfig fromJson(JsonNode json, String source) {
        ConfigJson config = new ConfigJson(json, source)
                .require("model_type", MODEL_TYPE)
                .require("position_embedding_type", "absolute")
                .require("tie_word_embeddings", "true")
                .require("is_decoder", "false");
        return config.read(() -> new BertConfig(
                config.integer("vocab_size"),
                config.integer("hidden_size"),
                config.integer("num_hidden_layers"),
                config.integer("num_attention_heads"),
                config.integer("intermediate_size", 3072),
                config.text("hidden_act"),
                config.number("hidden_dropout_prob"),
                config.number("attention_probs_dropout_prob"),
                config.integer("max_position_embeddings"),
                config.integer("type_vocab_size"),
                config.number("layer_norm_eps"),
                config.number("initializer_range"),
                config.integer("pad_token_id")));
    }

    /** This configuration as Hugging Face's {@code config.json} for BertForPreTraining. */
    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add("BertForPreTraining");
        json.put("model_type", MODEL_TYPE);
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
}
