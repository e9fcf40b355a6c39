package norma.trainer.roberta;

import static norma.trainer.blocks.ConfigRules.orElse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import norma.trainer.blocks.ConfigJson;
import norma.trainer.blocks.ConfigRules;
import norma.trainer.blocks.EncoderConfig;
import norma.trainer.blocks.EncoderVariant;
import norma.trainer.blocks.NormPosition;

/**
 * RoBERTa's shape, with the keys of Hugging Face's {@code config.json} (RobertaConfig). A component that is null takes
 * the value of the published roberta-base; only {@code vocabSize} may stay null, until the tokenizer is known.
 *
 * @param vocabSize V, rows of the word embedding; null: as many as the tokenizer has tokens
 * @param hiddenSize H, width of the hidden states
 * @param numHiddenLayers number of encoder layers
 * @param numAttentionHeads A, attention heads of a layer; H must be a multiple of it
 * @param intermediateSize width of the feed-forward layer
 * @param hiddenAct {@code gelu} (erf), {@code gelu_new} (tanh) or {@code relu}; the language-model head has gelu always
 * @param hiddenDropoutProb dropout after embeddings, attention output and feed-forward output; in [0, 1)
 * @param attentionProbsDropoutProb dropout on attention probabilities; in [0, 1)
 * @param maxPositionEmbeddings rows of the position table: the longest sequence, and {@code padTokenId} + 1
 * @param typeVocabSize number of segment ids
 * @param layerNormEps added to the variance in every LayerNorm
 * @param initializerRange standard deviation of the truncated normal that matrices and embeddings start from
 * @param padTokenId id of the padding token, from which positions are counted
 * @param bosTokenId id of {@code <s>}
 * @param eosTokenId id of {@code </s>}
 * @param variant what the model is without, or does otherwise; null for nothing
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record RobertaConfig(
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
        Integer bosTokenId,
        Integer eosTokenId,
        EncoderVariant variant)
        implements EncoderConfig {
    /** {@code model_type} of RoBERTa. */
    public static final String MODEL_TYPE = "roberta";

    private static final int SHORTEST = 8; // as data.sequence_length

    public RobertaConfig(
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
            Integer bosTokenId,
            Integer eosTokenId,
            EncoderVariant variant) {
        this.vocabSize = vocabSize;
        this.hiddenSize = orElse(hiddenSize, 768);
        this.numHiddenLayers = orElse(numHiddenLayers, 12);
        this.numAttentionHeads = orElse(numAttentionHeads, 12);
        this.intermediateSize = orElse(intermediateSize, EncoderConfig.usualIntermediateSize(this.hiddenSize));
        this.hiddenAct = orElse(hiddenAct, "gelu");
        this.hiddenDropoutProb = orElse(hiddenDropoutProb, 0.1);
        this.attentionProbsDropoutProb = orElse(attentionProbsDropoutProb, 0.1);
        this.maxPositionEmbeddings = orElse(maxPositionEmbeddings, 514);
        this.typeVocabSize = orElse(typeVocabSize, 1);
        this.layerNormEps = orElse(layerNormEps, 1e-5);
        this.initializerRange = orElse(initializerRange, 0.02);
        this.padTokenId = orElse(padTokenId, 1);
        this.bosTokenId = orElse(bosTokenId, 0);
        this.eosTokenId = orElse(eosTokenId, 2);
        this.variant = variant;
        requireRules();
        ConfigRules.require(
                normPosition() == NormPosition.POST,
                "variant.norm_position",
                normPosition(),
                "post, for Norma has RoBERTa's norms nowhere else (bert has them before, too)");
        ConfigRules.tokenId("bos_token_id", this.bosTokenId);
        ConfigRules.tokenId("eos_token_id", this.eosTokenId);
        ConfigRules.require(
                longestSequence() >= SHORTEST,
                "max_position_embeddings",
                this.maxPositionEmbeddings,
                "at least " + (SHORTEST + this.padTokenId + 1) + ", for positions begin after pad_token_id");
    }

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public int longestSequence() {
        return maxPositionEmbeddings - padTokenId - 1;
    }

    @Override
    public RobertaConfig resized(Integer vocabulary, int hidden, int layers, int heads, int intermediate) {
        return with(vocabulary, hidden, layers, heads, intermediate, variant);
    }

    @Override
    public RobertaConfig forSequences(int length) {
        return variant == null
                ? this
                : with(
                        vocabSize,
                        hiddenSize,
                        numHiddenLayers,
                        numAttentionHeads,
                        intermediateSize,
                        variant.forSequences(length));
    }

    private RobertaConfig with(
            Integer vocabulary, int hidden, int layers, int heads, int intermediate, EncoderVariant otherVariant) {
        return new RobertaConfig(
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
                layerNormEps,
                initializerRange,
                padTokenId,
                bosTokenId,
                eosTokenId,
                otherVariant);
    }

    /**
     * Reads Hugging Face's {@code config.json}, with the defaults of its RobertaConfig; keys that do not change the
     * computation are ignored.
     *
     * @param json the parsed file
     * @param source its name, for messages
     * @throws norma.datasets.base.InvalidInputException if it describes something that this model does not compute
     */
    static RobertaConfig fromJson(JsonNode json, String source) {
        ConfigJson config = EncoderConfig.json(json, source, MODEL_TYPE);
        return config.read(() -> new RobertaConfig(
                EncoderVariant.vocabSize(config),
                config.integer("hidden_size"),
                config.integer("num_hidden_layers"),
                config.integer("num_attention_heads"),
                config.integer("intermediate_size", 3072),
                config.activation("hidden_act"),
                config.number("hidden_dropout_prob"),
                config.number("attention_probs_dropout_prob"),
                config.integer("max_position_embeddings", 512),
                config.integer("type_vocab_size", 2),
                orElse(config.number("layer_norm_eps"), 1e-12),
                config.number("initializer_range"),
                config.integer("pad_token_id"),
                config.integer("bos_token_id"),
                config.integer("eos_token_id"),
                EncoderVariant.of(config)));
    }

    /** This configuration as Hugging Face's {@code config.json} for RobertaForMaskedLM. */
    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add("RobertaForMaskedLM");
        putInto(json);
        json.put("bos_token_id", bosTokenId);
        json.put("eos_token_id", eosTokenId);
        return json;
    }
}
