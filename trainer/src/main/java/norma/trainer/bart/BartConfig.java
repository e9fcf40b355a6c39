package norma.trainer.bart;

import static norma.trainer.blocks.ConfigRules.orElse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalInt;
import norma.trainer.blocks.ConfigJson;
import norma.trainer.blocks.ConfigRules;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.BatchLengths;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.TransformerShape;

/**
 * BART's shape, with the keys of Hugging Face's {@code config.json} (BartConfig). A component that is null takes the
 * value that Hugging Face gives it, that of the published large BART; {@code vocabSize} and the ids of tokens may stay
 * null, until the tokenizer is known.
 *
 * @param vocabSize V, rows of the word embedding, which both stacks share; null: as many as the tokenizer has tokens
 * @param maxPositionEmbeddings positions that each stack's table knows: the longest sequence
 * @param dModel H, the width of both stacks
 * @param encoderLayers layers of the encoder
 * @param decoderLayers layers of the decoder
 * @param encoderAttentionHeads heads of an attention of the encoder; H must be a multiple of it
 * @param decoderAttentionHeads heads of an attention of the decoder; H must be a multiple of it
 * @param encoderFfnDim width of the encoder's feed-forward layers
 * @param decoderFfnDim width of the decoder's feed-forward layers
 * @param activationFunction {@code gelu} (erf), {@code gelu_new} (tanh) or {@code relu}
 * @param dropout dropout after the embeddings, and on what attention and feed-forward layers give; in [0, 1)
 * @param attentionDropout dropout on attention probabilities; in [0, 1)
 * @param activationDropout dropout on what the activation function gives; in [0, 1)
 * @param classifierDropout dropout before both layers of the classifier; in [0, 1)
 * @param initStd standard deviation of the normal that matrices and embeddings start from
 * @param bosTokenId id of {@code <s>}, which nothing here reads
 * @param padTokenId id of the token that fills rows; null: the tokenizer's
 * @param eosTokenId id of the token that ends a sequence, on which the classifier reads; null: the tokenizer's
 * @param decoderStartTokenId id of the token that the decoder reads first; null: as {@code eosTokenId}
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record BartConfig(
        Integer vocabSize,
        Integer maxPositionEmbeddings,
        Integer dModel,
        Integer encoderLayers,
        Integer decoderLayers,
        Integer encoderAttentionHeads,
        Integer decoderAttentionHeads,
        Integer encoderFfnDim,
        Integer decoderFfnDim,
        String activationFunction,
        Double dropout,
        Double attentionDropout,
        Double activationDropout,
        Double classifierDropout,
        Double initStd,
        Integer bosTokenId,
        Integer padTokenId,
        Integer eosTokenId,
        Integer decoderStartTokenId)
        implements ModelConfig {
    /** {@code model_type} of BART. */
    public static final String MODEL_TYPE = "bart";

    /** Of every LayerNorm, whatever a config.json says (torch's default). */
    static final double LAYER_NORM_EPS = 1e-5;

    private static final int SHORTEST = 8; // as data.sequence_length

    public BartConfig {
        maxPositionEmbeddings = orElse(maxPositionEmbeddings, 1024);
        dModel = orElse(dModel, 1024);
        encoderLayers = orElse(encoderLayers, 12);
        decoderLayers = orElse(decoderLayers, 12);
        encoderAttentionHeads = orElse(encoderAttentionHeads, 16);
        decoderAttentionHeads = orElse(decoderAttentionHeads, 16);
        encoderFfnDim = orElse(encoderFfnDim, 4096);
        decoderFfnDim = orElse(decoderFfnDim, 4096);
        activationFunction = orElse(activationFunction, "gelu");
        dropout = orElse(dropout, 0.1);
        attentionDropout = orElse(attentionDropout, 0.0);
        activationDropout = orElse(activationDropout, 0.0);
        classifierDropout = orElse(classifierDropout, 0.0);
        initStd = orElse(initStd, 0.02);
        bosTokenId = orElse(bosTokenId, 0);
        decoderStartTokenId = orElse(decoderStartTokenId, eosTokenId);
        ConfigRules.positive("vocab_size", vocabSize);
        ConfigRules.require(
                maxPositionEmbeddings >= SHORTEST,
                "max_position_embeddings",
                maxPositionEmbeddings,
                "a whole number of at least " + SHORTEST);
        ConfigRules.positive("d_model", dModel);
        ConfigRules.layers("encoder_layers", encoderLayers);
        ConfigRules.layers("decoder_layers", decoderLayers);
        requireHeads("encoder_attention_heads", encoderAttentionHeads, dModel);
        requireHeads("decoder_attention_heads", decoderAttentionHeads, dModel);
        ConfigRules.positive("encoder_ffn_dim", encoderFfnDim);
        ConfigRules.positive("decoder_ffn_dim", decoderFfnDim);
        ConfigRules.activation("activation_function", activationFunction);
        ConfigRules.probability("dropout", dropout);
        ConfigRules.probability("attention_dropout", attentionDropout);
        ConfigRules.probability("activation_dropout", activationDropout);
        ConfigRules.probability("classifier_dropout", classifierDropout);
        ConfigRules.standardDeviation("init_std", initStd);
        ConfigRules.tokenId("bos_token_id", bosTokenId);
        ConfigRules.tokenId("pad_token_id", padTokenId);
        ConfigRules.tokenId("eos_token_id", eosTokenId);
        ConfigRules.tokenId("decoder_start_token_id", decoderStartTokenId);
        requireRow("eos_token_id", eosTokenId, vocabSize);
        requireRow("decoder_start_token_id", decoderStartTokenId, vocabSize);
    }

    private static void requireHeads(String key, int heads, int hidden) {
        ConfigRules.positive(key, heads);
        ConfigRules.require(hidden % heads == 0, "d_model", hidden, "a multiple of " + key + " (" + heads + ")");
    }

    /** A token that the model itself puts into what it reads. */
    private static void requireRow(String key, Integer id, Integer vocabulary) {
        ConfigRules.require(
                id == null || vocabulary == null || id < vocabulary,
                key,
                id,
                "an id below vocab_size (" + vocabulary + ")");
    }

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public Integer hiddenSize() {
        return dModel;
    }

    @Override
    public Integer numHiddenLayers() {
        return encoderLayers + decoderLayers;
    }

    @Override
    public int crossAttentionLayers() {
        return decoderLayers;
    }

    @Override
    public String layersKey() {
        return "encoder_layers and decoder_layers";
    }

    /** Of the encoder. */
    @Override
    public Integer numAttentionHeads() {
        return encoderAttentionHeads;
    }

    @Override
    public int longestSequence() {
        return maxPositionEmbeddings;
    }

    /** One: BART knows no segments. */
    @Override
    public Integer typeVocabSize() {
        return 1;
    }

    /** Of the stack that has the wider ones. */
    @Override
    public Integer intermediateSize() {
        return Math.max(encoderFfnDim, decoderFfnDim);
    }

    @Override
    public OptionalInt decoderStartId() {
        return decoderStartTokenId == null ? OptionalInt.empty() : OptionalInt.of(decoderStartTokenId);
    }

    /** Of the encoder's layers. */
    @Override
    public TransformerShape shape() {
        return shape(encoderAttentionHeads);
    }

    /** Of the decoder's layers. */
    TransformerShape decoderShape() {
        return shape(decoderAttentionHeads);
    }

    private TransformerShape shape(int heads) {
        return new TransformerShape(dModel, heads, activationFunction, dropout, attentionDropout, LAYER_NORM_EPS);
    }

    @Override
    public List<DropoutSite> dropoutSites(long length, long longest) {
        BatchLengths lengths = new BatchLengths(Math.toIntExact(length), Math.toIntExact(length));
        return dropoutSites(lengths, new BatchLengths(Math.toIntExact(longest), Math.toIntExact(longest)));
    }

    @Override
    public List<DropoutSite> dropoutSites(BatchLengths lengths, BatchLengths longest) {
        return new BartDropouts(this).sites(lengths, longest);
    }

    /** With targets of the sequences' length; of a decoder's products of queries with its own keys half are masked. */
    @Override
    public double multiplications(long rows, long length, long predictions, boolean nextSentence) {
        double h = dModel;
        double ofEncoder = 4 * h * h + 2 * h * encoderFfnDim + 2 * length * h;
        double ofDecoder = 8 * h * h + 2 * h * decoderFfnDim + (length + 1) * h + 2 * length * h;
        return rows * length * (encoderLayers * ofEncoder + decoderLayers * ofDecoder) + predictions * h * words();
    }

    @Override
    public double parameters() {
        double h = dModel;
        double layers = encoderLayers * (4 * h * h + 2 * h * encoderFfnDim)
                + decoderLayers * (8 * h * h + 2 * h * decoderFfnDim);
        return h * (words() + 2.0 * maxPositionEmbeddings) + layers;
    }

    private int words() {
        return orElse(vocabSize, 1);
    }

    @Override
    public BartConfig withVocabSize(int size) {
        return with(size, 1, 1, padTokenId, eosTokenId);
    }

    @Override
    public BartConfig forTokenizer(int size, int padId, OptionalInt endId) {
        requireEnd("eos_token_id", eosTokenId, endId);
        requireEnd("decoder_start_token_id", decoderStartTokenId, endId);
        return with(
                orElse(vocabSize, size),
                1,
                1,
                orElse(padTokenId, padId),
                eosTokenId == null && endId.isPresent() ? Integer.valueOf(endId.getAsInt()) : eosTokenId);
    }

    /** What a decoder reads first in the batches of pre-training, and what ends their sequences, is one token. */
    private static void requireEnd(String key, Integer id, OptionalInt endId) {
        ConfigRules.require(
                id == null || endId.isEmpty() || id == endId.getAsInt(),
                key,
                id,
                endId.orElse(0) + ", the tokenizer's token that ends a text, or nothing");
    }

    @Override
    public BartConfig wider(int factor) {
        return with(vocabSize, factor, 1, padTokenId, eosTokenId);
    }

    @Override
    public BartConfig deeper(int factor) {
        return with(vocabSize, 1, factor, padTokenId, eosTokenId);
    }

    private BartConfig with(Integer vocabulary, int width, int depth, Integer padId, Integer endId) {
        return new BartConfig(
                vocabulary,
                maxPositionEmbeddings,
                dModel * width,
                encoderLayers * depth,
                decoderLayers * depth,
                encoderAttentionHeads * width,
                decoderAttentionHeads * width,
                encoderFfnDim * width,
                decoderFfnDim * width,
                activationFunction,
                dropout,
                attentionDropout,
                activationDropout,
                classifierDropout,
                initStd,
                bosTokenId,
                padId,
                endId,
                decoderStartTokenId);
    }

    /**
     * Reads Hugging Face's {@code config.json}, with the defaults of its BartConfig; keys that do not change the
     * computation are ignored.
     *
     * @param json the parsed file
     * @param source its name, for messages
     * @throws norma.datasets.base.InvalidInputException if it describes something that this model does not compute
     */
    static BartConfig fromJson(JsonNode json, String source) {
        ConfigJson config = new ConfigJson(json, source)
                .require("model_type", MODEL_TYPE)
                .require("is_encoder_decoder", "true")
                .require("tie_word_embeddings", "true")
                .require("scale_embedding", "false")
                .require("normalize_before", "false") // of the first published files
                .require("add_final_layer_norm", "false")
                .require("normalize_embedding", "true")
                .require("static_position_embeddings", "false");
        return config.read(() -> new BartConfig(
                config.integer("vocab_size"),
                config.integer("max_position_embeddings"),
                config.integer("d_model"),
                config.integer("encoder_layers"),
                config.integer("decoder_layers"),
                config.integer("encoder_attention_heads"),
                config.integer("decoder_attention_heads"),
                config.integer("encoder_ffn_dim"),
                config.integer("decoder_ffn_dim"),
                config.activation("activation_function"),
                config.number("dropout"),
                config.number("attention_dropout"),
                config.number("activation_dropout"),
                config.number("classifier_dropout"),
                config.number("init_std"),
                config.integer("bos_token_id"),
                config.integer("pad_token_id", 1),
                config.integer("eos_token_id", 2),
                config.integer("decoder_start_token_id", 2)));
    }

    /** This configuration as Hugging Face's {@code config.json} for BartForConditionalGeneration. */
    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add("BartForConditionalGeneration");
        json.put("model_type", MODEL_TYPE);
        json.put("is_encoder_decoder", true);
        json.put("vocab_size", vocabSize);
        json.put("max_position_embeddings", maxPositionEmbeddings);
        json.put("d_model", dModel);
        json.put("encoder_layers", encoderLayers);
        json.put("decoder_layers", decoderLayers);
        json.put("encoder_attention_heads", encoderAttentionHeads);
        json.put("decoder_attention_heads", decoderAttentionHeads);
        json.put("encoder_ffn_dim", encoderFfnDim);
        json.put("decoder_ffn_dim", decoderFfnDim);
        json.put("activation_function", activationFunction);
        json.put("dropout", dropout);
        json.put("attention_dropout", attentionDropout);
        json.put("activation_dropout", activationDropout);
        json.put("classifier_dropout", classifierDropout);
        json.put("encoder_layerdrop", 0.0);
        json.put("decoder_layerdrop", 0.0);
        json.put("init_std", initStd);
        json.put("scale_embedding", false);
        json.put("tie_word_embeddings", true);
        json.put("bos_token_id", bosTokenId);
        json.put("pad_token_id", padTokenId);
        json.put("eos_token_id", eosTokenId);
        json.put("decoder_start_token_id", decoderStartTokenId);
        return json;
    }
}
