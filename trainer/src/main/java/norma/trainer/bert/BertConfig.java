package norma.trainer.bert;

import static norma.trainer.blocks.ConfigRules.orElse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;
import norma.trainer.blocks.ConfigJson;
import norma.trainer.blocks.EncoderConfig;
import norma.trainer.blocks.EncoderVariant;

/**
 * BERT's shape, with the keys and the defaults of Hugging Face's {@code config.json} (BertConfig). A component that is
 * null takes its default; only {@code vocabSize} and {@code padTokenId} may stay null, until the tokenizer is known.
 *
 * @param vocabSize V, rows of the word embedding; null: as many as the tokenizer has tokens
 * @param hiddenSize H, width of the hidden states
 * @param numHiddenLayers number of encoder layers
 * @param numAttentionHeads A, attention heads of a layer; H must be a multiple of it
 * @param intermediateSize width of the feed-forward layer
 * @param hiddenAct {@code gelu} (erf), {@code gelu_new} (tanh) or {@code relu}
 * @param hiddenDropoutProb dropout after embeddings, attention output and feed-forward output; in [0, 1)
 * @param attentionProbsDropoutProb dropout on attention probabilities; in [0, 1)
 * @param maxPositionEmbeddings longest sequence
 * @param typeVocabSize number of segment ids
 * @param layerNormEps added to the variance in every LayerNorm
 * @param initializerRange standard deviation of the truncated normal that matrices and embeddings start from
 * @param padTokenId id of the padding token; null: the tokenizer's
 * @param variant what the model is without, or does otherwise; null for nothing
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
        Integer padTokenId,
        EncoderVariant variant)
        implements EncoderConfig {
    /** {@code model_type} of BERT. */
    public static final String MODEL_TYPE = "bert";

    public BertConfig(
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
            Integer padTokenId,
            EncoderVariant variant) {
        this.vocabSize = vocabSize;
        this.hiddenSize = orElse(hiddenSize, 768);
        this.numHiddenLayers = orElse(numHiddenLayers, 12);
        this.numAttentionHeads = orElse(numAttentionHeads, 12);
        this.intermediateSize = orElse(intermediateSize, EncoderConfig.usualIntermediateSize(this.hiddenSize));
        this.hiddenAct = orElse(hiddenAct, "gelu");
        this.hiddenDropoutProb = orElse(hiddenDropoutProb, 0.1);
        this.attentionProbsDropoutProb = orElse(attentionProbsDropoutProb, 0.1);
        this.maxPositionEmbeddings = orElse(maxPositionEmbeddings, 512);
        this.typeVocabSize = orElse(typeVocabSize, 2);
        this.layerNormEps = orElse(layerNormEps, 1e-12);
        this.initializerRange = orElse(initializerRange, 0.02);
        this.padTokenId = padTokenId;
        this.variant = variant;
        requireRules();
    }

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public int longestSequence() {
        return maxPositionEmbeddings;
    }

    @Override
    public BertConfig resized(Integer vocabulary, int hidden, int layers, int heads, int intermediate) {
        return with(vocabulary, hidden, layers, heads, intermediate, layerNormEps, padTokenId, variant);
    }

    @Override
    public BertConfig forTokenizer(int size, int padId, OptionalInt endId) {
        return with(
                orElse(vocabSize, size),
                hiddenSize,
                numHiddenLayers,
                numAttentionHeads,
                intermediateSize,
                layerNormEps,
                orElse(padTokenId, padId),
                variant);
    }

    @Override
    public BertConfig forSequences(int length) {
        return variant == null
                ? this
                : with(
                        vocabSize,
                        hiddenSize,
                        numHiddenLayers,
                        numAttentionHeads,
                        intermediateSize,
                        layerNormEps,
                        padTokenId,
                        variant.forSequences(length));
    }

    /** The same shape with another LayerNorm epsilon. */
    public BertConfig withLayerNormEps(double eps) {
        return with(
                vocabSize, hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize, eps, padTokenId, variant);
    }

    private BertConfig with(
            Integer vocabulary,
            int hidden,
            int layers,
            int heads,
            int intermediate,
            double eps,
            Integer padId,
            EncoderVariant otherVariant) {
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
                padId,
                otherVariant);
    }

    /**
     * Reads Hugging Face's {@code config.json}; keys that do not change the computation are passed over.
     *
     * @param json the parsed file
     * @param source its name, for messages
     * @throws norma.datasets.base.InvalidInputException if it describes something that this model does not compute
     */
    public static BertConfig fromJson(JsonNode json, String source) {
        ConfigJson config = EncoderConfig.json(json, source, MODEL_TYPE);
        return config.read(() -> new BertConfig(
                EncoderVariant.vocabSize(config),
                config.integer("hidden_size"),
                config.integer("num_hidden_layers"),
                config.integer("num_attention_heads"),
                config.integer("intermediate_size", 3072),
                config.activation("hidden_act"),
                config.number("hidden_dropout_prob"),
                config.number("attention_probs_dropout_prob"),
                config.integer("max_position_embeddings"),
                config.integer("type_vocab_size"),
                config.number("layer_norm_eps"),
                config.number("initializer_range"),
                config.integer("pad_token_id", 0),
                EncoderVariant.of(config)));
    }

    /** This configuration as Hugging Face's {@code config.json} for BertForPreTraining. */
    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add("BertForPreTraining");
        putInto(json);
        return json;
    }
}
