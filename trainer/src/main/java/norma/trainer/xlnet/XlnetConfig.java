package norma.trainer.xlnet;

import static norma.trainer.blocks.ConfigRules.orElse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import norma.datasets.base.InvalidInputException;
import norma.datasets.objectives.PermutationLm;
import norma.trainer.blocks.ConfigJson;
import norma.trainer.blocks.ConfigRules;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.TransformerShape;

/**
 * XLNet's shape, with the keys of Hugging Face's {@code config.json} (XLNetConfig). A component that is null takes the
 * value of the published XLNet-base; {@code vocabSize} and {@code padTokenId} may stay null, until the tokenizer is
 * known.
 *
 * @param vocabSize V, rows of the word embedding; null: as many as the tokenizer has tokens
 * @param dModel H, width of the hidden states
 * @param nLayer N, number of layers
 * @param nHead A, attention heads of a layer; H must be a multiple of it
 * @param dInner width of the feed-forward layer; null: 4 H
 * @param ffActivation {@code gelu} (erf), {@code gelu_new} (tanh) or {@code relu}
 * @param dropout dropout everywhere: embeddings, position encodings, attention probabilities, outputs, inside the
 *     feed-forward layer; in [0, 1)
 * @param summaryLastDropout dropout before a classifier's last layer; in [0, 1)
 * @param layerNormEps added to the variance in every LayerNorm
 * @param initializerRange standard deviation of the normal that matrices, embeddings and attention's biases start from
 * @param memLen none: what is remembered of the text before a sequence is {@code data.mem_len}
 * @param padTokenId id of the token that fills rows
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record XlnetConfig(
        Integer vocabSize,
        Integer dModel,
        Integer nLayer,
        Integer nHead,
        Integer dInner,
        String ffActivation,
        Double dropout,
        Double summaryLastDropout,
        Double layerNormEps,
        Double initializerRange,
        Integer memLen,
        Integer padTokenId)
        implements ModelConfig {
    /** {@code model_type} of XLNet. */
    public static final String MODEL_TYPE = "xlnet";

    /** No table ends; attention over more tokens than this has room in no machine. */
    private static final int LONGEST = 1 << 20;

    /** Segments that tokens may be of: first text, second text, class token, padding. They have no embeddings. */
    private static final int SEGMENTS = 4;

    private static final int OUTSIDE_LAYERS = 2; // places of dropout before the layers: embeddings, position encodings
    private static final int DROPOUTS_PER_LAYER = 4;

    public XlnetConfig {
        dModel = orElse(dModel, 768);
        nLayer = orElse(nLayer, 12);
        nHead = orElse(nHead, 12);
        ConfigRules.positive("vocab_size", vocabSize);
        ConfigRules.positive("d_model", dModel);
        ConfigRules.layers("n_layer", nLayer);
        ConfigRules.positive("n_head", nHead);
        dInner = orElse(dInner, 4 * dModel);
        ffActivation = orElse(ffActivation, "gelu");
        dropout = orElse(dropout, 0.1);
        summaryLastDropout = orElse(summaryLastDropout, 0.1);
        layerNormEps = orElse(layerNormEps, 1e-12);
        initializerRange = orElse(initializerRange, 0.02);
        memLen = orElse(memLen, 0);
        ConfigRules.positive("d_inner", dInner);
        ConfigRules.require(dModel % nHead == 0, "d_model", dModel, "a multiple of n_head (" + nHead + ")");
        ConfigRules.require(
                dModel % 2 == 0, "d_model", dModel, "an even number, for position encodings have two halves");
        ConfigRules.activation("ff_activation", ffActivation);
        ConfigRules.probability("dropout", dropout);
        ConfigRules.probability("summary_last_dropout", summaryLastDropout);
        ConfigRules.epsilon("layer_norm_eps", layerNormEps);
        ConfigRules.standardDeviation("initializer_range", initializerRange);
        ConfigRules.require(memLen == 0, "mem_len", memLen, "none: how much text is remembered is data.mem_len");
        ConfigRules.tokenId("pad_token_id", padTokenId);
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
        return LONGEST;
    }

    @Override
    public Integer typeVocabSize() {
        return SEGMENTS;
    }

    @Override
    public Integer intermediateSize() {
        return dInner;
    }

    @Override
    public TransformerShape shape() {
        return new TransformerShape(dModel, nHead, ffActivation, dropout, dropout, layerNormEps);
    }

    /** Number of the first place of dropout of a layer's content stream. */
    static int contentDropout(int layer) {
        return OUTSIDE_LAYERS + DROPOUTS_PER_LAYER * layer;
    }

    /** Number of the place of dropout where the query stream begins, after all of the content stream's. */
    int queryDropout() {
        return contentDropout(nLayer);
    }

    /**
     * Number of the first place of dropout of a layer's query stream; of {@code nLayer} the one after the last layer.
     */
    int queryDropout(int layer) {
        return queryDropout() + 1 + DROPOUTS_PER_LAYER * layer;
    }

    /** Of both streams. */
    @Override
    public List<DropoutSite> dropoutSites(long length, long longest) {
        List<DropoutSite> sites = contentDropoutSites(length, longest);
        long places = PermutationLm.mostPredictions(Math.toIntExact(length));
        long most = PermutationLm.mostPredictions(Math.toIntExact(longest));
        DropoutSite hidden = DropoutSite.ofHiddenStates(places, most, dModel, dropout);
        sites.add(hidden);
        addLayers(sites, places, most, length, longest);
        sites.add(hidden);
        return sites;
    }

    /** Of the content stream alone, which is what a classifier has. */
    List<DropoutSite> contentDropoutSites(long length, long longest) {
        List<DropoutSite> sites = new ArrayList<>();
        sites.add(DropoutSite.ofHiddenStates(length, longest, dModel, dropout));
        sites.add(DropoutSite.ofHiddenStates(2 * length, 2 * longest, dModel, dropout));
        addLayers(sites, length, longest, length, longest);
        return sites;
    }

    private void addLayers(List<DropoutSite> sites, long queries, long mostQueries, long length, long longest) {
        DropoutSite probabilities = DropoutSite.ofAttentionProbs(
                nHead, new DropoutSite.Extent(queries, mostQueries), new DropoutSite.Extent(length, longest), dropout);
        DropoutSite inner = DropoutSite.ofHiddenStates(queries, mostQueries, dInner, dropout);
        DropoutSite hidden = DropoutSite.ofHiddenStates(queries, mostQueries, dModel, dropout);
        for (int layer = 0; layer < nLayer; layer++) {
            sites.addAll(List.of(probabilities, hidden, inner, hidden));
        }
    }

    /**
     * Of the query stream those of the predicted places alone. The encodings of 2 S distances are dropped from for each
     * sequence anew, so each has a product with them of its own; no gradient goes on to them, which is one product of
     * three.
     */
    @Override
    public double multiplications(long rows, long length, long predictions, boolean nextSentence) {
        double h = dModel;
        double asking =
                2 * h * h + 2 * h * dInner + 4 * length * h; // query, output, feed-forward, k, v and 2 S distances
        double content = rows * length * (asking + 2 * h * h);
        double positions = (dropout > 0 ? rows : 1) * 2 * length * h * h * 2 / 3;
        return nLayer * (content + positions + predictions * asking) + predictions * h * words();
    }

    /**
     * Of the content stream queries with three biases, the inner array dropped from with its mask, and the encodings of
     * 2 S distances of each sequence with what is made of them; of the query stream as much as of any other layer.
     */
    @Override
    public double keptBesides(long rows, long length) {
        double h = (double) rows * length * dModel;
        double f = (double) rows * length * dInner;
        double probabilities = (double) rows * nHead * length * length;
        double query = PermutationLm.mostPredictions(Math.toIntExact(length)) / (double) length;
        double mask = dropout > 0 ? f : 0; // of the inner array
        double encodings = dropout > 0 ? 4 * h / nLayer : 0; // with their mask, once for all layers
        return 3 * h + mask + encodings + query * (11 * h + 2 * f + 3 * probabilities + mask);
    }

    @Override
    public double parameters() {
        double h = dModel;
        return h * words() + nLayer * (5 * h * h + 2 * h * dInner);
    }

    private int words() {
        return orElse(vocabSize, 1);
    }

    @Override
    public XlnetConfig withVocabSize(int size) {
        return with(size, dModel, nLayer, nHead, dInner, padTokenId);
    }

    @Override
    public XlnetConfig forTokenizer(int size, int padId, OptionalInt endId) {
        return with(orElse(vocabSize, size), dModel, nLayer, nHead, dInner, orElse(padTokenId, padId));
    }

    @Override
    public XlnetConfig wider(int factor) {
        return with(vocabSize, dModel * factor, nLayer, nHead * factor, dInner * factor, padTokenId);
    }

    @Override
    public XlnetConfig deeper(int factor) {
        return with(vocabSize, dModel, nLayer * factor, nHead, dInner, padTokenId);
    }

    private XlnetConfig with(Integer vocabulary, int hidden, int layers, int heads, int inner, Integer padId) {
        return new XlnetConfig(
                vocabulary,
                hidden,
                layers,
                heads,
                inner,
                ffActivation,
                dropout,
                summaryLastDropout,
                layerNormEps,
                initializerRange,
                memLen,
                padId);
    }

    /**
     * Reads Hugging Face's {@code config.json}, with the defaults of its XLNetConfig; keys that do not change the
     * computation are ignored. Among them is {@code mem_len}: without the memory of a segment before, as here, nothing
     * is computed otherwise.
     *
     * @param json the parsed file
     * @param source its name, for messages
     * @throws norma.datasets.base.InvalidInputException if it describes something that this model does not compute
     */
    static XlnetConfig fromJson(JsonNode json, String source) {
        ConfigJson config = new ConfigJson(json, source)
                .require("model_type", MODEL_TYPE)
                .require("attn_type", "bi")
                .require("bi_data", "false")
                .require("clamp_len", "-1")
                .require("untie_r", "true")
                .require("same_length", "false")
                .require("tie_word_embeddings", "true")
                .require("summary_type", "last")
                .require("summary_use_proj", "true")
                .require("summary_activation", "tanh");
        XlnetConfig read = config.read(() -> new XlnetConfig(
                config.integer("vocab_size", 32000),
                config.integer("d_model", 1024),
                config.integer("n_layer", 24),
                config.integer("n_head", 16),
                config.integer("d_inner", 4096),
                config.activation("ff_activation"),
                config.number("dropout"),
                config.number("summary_last_dropout"),
                config.number("layer_norm_eps"),
                config.number("initializer_range"),
                null,
                config.integer("pad_token_id", 5)));
        config.require("d_head", Integer.toString(read.shape().headSize()));
        double summaryFirstDropout = orElse(config.number("summary_first_dropout"), 0.0);
        if (summaryFirstDropout != 0) {
            throw InvalidInputException.of(source, "summary_first_dropout", summaryFirstDropout, "0");
        }
        return read;
    }

    /** This configuration as Hugging Face's {@code config.json} for XLNetLMHeadModel. */
    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add("XLNetLMHeadModel");
        json.put("model_type", MODEL_TYPE);
        json.put("vocab_size", vocabSize);
        json.put("d_model", dModel);
        json.put("n_layer", nLayer);
        json.put("n_head", nHead);
        json.put("d_head", shape().headSize());
        json.put("d_inner", dInner);
        json.put("ff_activation", ffActivation);
        json.put("untie_r", true);
        json.put("attn_type", "bi");
        json.put("bi_data", false);
        json.put("clamp_len", -1);
        json.put("same_length", false);
        json.putNull("mem_len");
        json.putNull("reuse_len");
        json.put("dropout", dropout);
        json.put("summary_type", "last");
        json.put("summary_use_proj", true);
        json.put("summary_activation", "tanh");
        json.put("summary_last_dropout", summaryLastDropout);
        json.put("layer_norm_eps", layerNormEps);
        json.put("initializer_range", initializerRange);
        json.put("tie_word_embeddings", true);
        json.put("pad_token_id", padTokenId);
        return json;
    }
}
