package norma.trainer.gpt2;

import static norma.trainer.blocks.ConfigRules.orElse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import norma.trainer.blocks.ConfigJson;
import norma.trainer.blocks.ConfigRules;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.TransformerShape;

/**
 * GPT-2's shape, with the keys of Hugging Face's {@code config.json} (GPT2Config). A component that is null takes the
 * value of the published GPT-2 of 124 million parameters; {@code vocabSize} and the ids of tokens may stay null, until
 * the tokenizer is known.
 *
 * @param vocabSize V, rows of the word embedding; null: as many as the tokenizer has tokens
 * @param nPositions rows of the position table: the longest sequence
 * @param nEmbd H, width of the hidden states
 * @param nLayer N, number of layers
 * @param nHead A, attention heads of a layer; H must be a multiple of it
 * @param nInner width of the feed-forward layer; null: 4 H
 * @param activationFunction {@code gelu_new} (tanh), {@code gelu} (erf) or {@code relu}
 * @param residPdrop dropout after the attention's and the feed-forward layer's output; in [0, 1)
 * @param embdPdrop dropout after the embeddings; in [0, 1)
 * @param attnPdrop dropout on attention probabilities; in [0, 1)
 * @param layerNormEpsilon added to the variance in every LayerNorm
 * @param initializerRange standard deviation of the normal that matrices and embeddings start from; projections into
 *     the residual stream have it divided by the square root of 2 N
 * @param bosTokenId id of the token that begins a text; null: as {@code eosTokenId}
 * @param eosTokenId id of the token that ends a text; null: the tokenizer's
 * @param padTokenId id of the token that fills rows, by which Hugging Face's classifier finds the last token; null: as
 *     {@code eosTokenId}
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Gpt2Config(
        Integer vocabSize,
        Integer nPositions,
        Integer nEmbd,
        Integer nLayer,
        Integer nHead,
        Integer nInner,
        String activationFunction,
        Double residPdrop,
        Double embdPdrop,
        Double attnPdrop,
        Double layerNormEpsilon,
        Double initializerRange,
        Integer bosTokenId,
        Integer eosTokenId,
        Integer padTokenId)
        implements ModelConfig {
    /** {@code model_type} of GPT-2. */
    public static final String MODEL_TYPE = "gpt2";

    /** Dropouts of a layer: attention probabilities, attention output, feed-forward output. */
    private static final int DROPOUTS_PER_LAYER = 3;

    private static final int SHORTEST = 8; // as data.sequence_length

    public Gpt2Config {
        nPositions = orElse(nPositions, 1024);
        nEmbd = orElse(nEmbd, 768);
        nLayer = orElse(nLayer, 12);
        nHead = orElse(nHead, 12);
        ConfigRules.positive("vocab_size", vocabSize);
        ConfigRules.positive("n_embd", nEmbd);
        ConfigRules.layers("n_layer", nLayer);
        ConfigRules.positive("n_head", nHead);
        nInner = orElse(nInner, 4 * nEmbd);
        activationFunction = orElse(activationFunction, "gelu_new");
        residPdrop = orElse(residPdrop, 0.1);
        embdPdrop = orElse(embdPdrop, 0.1);
        attnPdrop = orElse(attnPdrop, 0.1);
        layerNormEpsilon = orElse(layerNormEpsilon, 1e-5);
        initializerRange = orElse(initializerRange, 0.02);
        bosTokenId = orElse(bosTokenId, eosTokenId);
        padTokenId = orElse(padTokenId, eosTokenId);
        ConfigRules.positive("n_inner", nInner);
        ConfigRules.require(
                nPositions >= SHORTEST, "n_positions", nPositions, "a whole number of at least " + SHORTEST);
        ConfigRules.require(nEmbd % nHead == 0, "n_embd", nEmbd, "a multiple of n_head (" + nHead + ")");
        ConfigRules.activation("activation_function", activationFunction);
        ConfigRules.probability("resid_pdrop", residPdrop);
        ConfigRules.probability("embd_pdrop", embdPdrop);
        ConfigRules.probability("attn_pdrop", attnPdrop);
        ConfigRules.epsilon("layer_norm_epsilon", layerNormEpsilon);
        ConfigRules.standardDeviation("initializer_range", initializerRange);
        ConfigRules.tokenId("bos_token_id", bosTokenId);
        ConfigRules.tokenId("eos_token_id", eosTokenId);
        ConfigRules.tokenId("pad_token_id", padTokenId);
    }

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public Integer hiddenSize() {
        return nEmbd;
    }

    @Override
    public Integer numHiddenLayers() {
        return nLayer;
    }

    @Override
    public String layersKey() {
        return "n_layer";
    }

    @Override
    public Integer numAttentionHeads() {
        return nHead;
    }

    @Override
    public int longestSequence() {
        return nPositions;
    }

    @Override
    public String positionsKey() {
        return "n_positions";
    }

    /** One: GPT-2 knows no segments. */
    @Override
    public Integer typeVocabSize() {
        return 1;
    }

    @Override
    public Integer intermediateSize() {
        return nInner;
    }

    @Override
    public TransformerShape shape() {
        return new TransformerShape(nEmbd, nHead, activationFunction, residPdrop, attnPdrop, layerNormEpsilon);
    }

    /** The same with the dropout of the embeddings in place of the layers'. */
    TransformerShape embeddingShape() {
        return shape().withHiddenDropout(embdPdrop);
    }

    /** Number of a layer's first dropout site, after that of the embeddings. */
    static int firstDropout(int layer) {
        return 1 + DROPOUTS_PER_LAYER * layer;
    }

    @Override
    public List<DropoutSite> dropoutSites(long length, long longest) {
        DropoutSite residual = DropoutSite.ofHiddenStates(length, longest, nEmbd, residPdrop);
        DropoutSite attention = DropoutSite.ofAttentionProbs(nHead, length, longest, attnPdrop);
        List<DropoutSite> sites = new ArrayList<>();
        sites.add(DropoutSite.ofHiddenStates(length, longest, nEmbd, embdPdrop));
        for (int layer = 0; layer < nLayer; layer++) {
            sites.addAll(List.of(attention, residual, residual));
        }
        return sites;
    }

    /** Of a query's products with keys and values half are masked, and count for nothing. */
    @Override
    public double multiplications(long rows, long length, long predictions, boolean nextSentence) {
        double h = nEmbd;
        double perToken = 4 * h * h + 2 * h * nInner + (length + 1) * h;
        return (double) nLayer * rows * length * perToken + predictions * h * words();
    }

    @Override
    public double parameters() {
        double h = nEmbd;
        return h * (words() + (double) nPositions) + nLayer * (4 * h * h + 2 * h * nInner);
    }

    private int words() {
        return orElse(vocabSize, 1);
    }

    @Override
    public Gpt2Config withVocabSize(int size) {
        return with(size, nEmbd, nLayer, nHead, nInner, eosTokenId, padTokenId);
    }

    @Override
    public Gpt2Config forTokenizer(int size, int padId, OptionalInt endId) {
        return with(
                orElse(vocabSize, size),
                nEmbd,
                nLayer,
                nHead,
                nInner,
                orElse(eosTokenId, endId.orElse(padId)),
                orElse(padTokenId, padId));
    }

    @Override
    public Gpt2Config wider(int factor) {
        return with(vocabSize, nEmbd * factor, nLayer, nHead * factor, nInner * factor, eosTokenId, padTokenId);
    }

    @Override
    public Gpt2Config deeper(int factor) {
        return with(vocabSize, nEmbd, nLayer * factor, nHead, nInner, eosTokenId, padTokenId);
    }

    private Gpt2Config with(
            Integer vocabulary, int hidden, int layers, int heads, int inner, Integer endId, Integer padId) {
        return new Gpt2Config(
                vocabulary,
                nPositions,
                hidden,
                layers,
                heads,
                inner,
                activationFunction,
                residPdrop,
                embdPdrop,
                attnPdrop,
                layerNormEpsilon,
                initializerRange,
                bosTokenId,
                endId,
                padId);
    }

    /**
     * Reads Hugging Face's {@code config.json}, with the defaults of its GPT2Config; keys that do not change the
     * computation are ignored.
     *
     * @param json the parsed file
     * @param source its name, for messages
     * @throws norma.datasets.base.InvalidInputException if it describes something that this model does not compute
     */
    static Gpt2Config fromJson(JsonNode json, String source) {
        ConfigJson config = new ConfigJson(json, source)
                .require("model_type", MODEL_TYPE)
                .require("tie_word_embeddings", "true")
                .require("scale_attn_weights", "true")
                .require("scale_attn_by_inverse_layer_idx", "false")
                .require("add_cross_attention", "false");
        return config.read(() -> new Gpt2Config(
                config.integer("vocab_size"),
                config.integer("n_positions"),
                config.integer("n_embd"),
                config.integer("n_layer"),
                config.integer("n_head"),
                config.integer("n_inner"),
                config.activation("activation_function"),
                config.number("resid_pdrop"),
                config.number("embd_pdrop"),
                config.number("attn_pdrop"),
                config.number("layer_norm_epsilon"),
                config.number("initializer_range"),
                config.integer("bos_token_id", 50256),
                config.integer("eos_token_id", 50256),
                config.integer("pad_token_id")));
    }

    /** This configuration as Hugging Face's {@code config.json} for GPT2LMHeadModel. */
    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add("GPT2LMHeadModel");
        json.put("model_type", MODEL_TYPE);
        json.put("vocab_size", vocabSize);
        json.put("n_positions", nPositions);
        json.put("n_ctx", nPositions);
        json.put("n_embd", nEmbd);
        json.put("n_layer", nLayer);
        json.put("n_head", nHead);
        json.put("n_inner", nInner);
        json.put("activation_function", activationFunction);
        json.put("resid_pdrop", residPdrop);
        json.put("embd_pdrop", embdPdrop);
        json.put("attn_pdrop", attnPdrop);
        json.put("layer_norm_epsilon", layerNormEpsilon);
        json.put("initializer_range", initializerRange);
        json.put("scale_attn_weights", true);
        json.put("tie_word_embeddings", true);
        json.put("bos_token_id", bosTokenId);
        json.put("eos_token_id", eosTokenId);
        json.put("pad_token_id", padTokenId);
        return json;
    }
}
