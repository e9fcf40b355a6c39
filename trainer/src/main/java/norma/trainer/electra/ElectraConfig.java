package norma.trainer.electra;

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
import norma.trainer.blocks.EncoderConfig;
import norma.trainer.blocks.EncoderSize;
import norma.trainer.blocks.EncoderVariant;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.TransformerShape;

/**
 * ELECTRA's shape, with the keys and the defaults of Hugging Face's {@code config.json} (ElectraConfig), which are
 * those of the published electra-small-discriminator; and what decides of a pre-training besides the discriminator's
 * shape. A component that is null takes its default; only {@code vocabSize} and {@code padTokenId} may stay null, until
 * the tokenizer is known.
 *
 * @param vocabSize V, rows of the word embedding; null: as many as the tokenizer has tokens
 * @param embeddingSize E, width of the embeddings; where it is not H, a linear layer takes them to the hidden states
 * @param hiddenSize H, width of the hidden states
 * @param numHiddenLayers number of encoder layers
 * @param numAttentionHeads A, attention heads of a layer; H must be a multiple of it
 * @param intermediateSize F, width of the feed-forward layer
 * @param hiddenAct {@code gelu} (erf), {@code gelu_new} (tanh) or {@code relu}; the generator's head and the classifier
 *     have gelu always
 * @param hiddenDropoutProb dropout after embeddings, attention output and feed-forward output; in [0, 1)
 * @param attentionProbsDropoutProb dropout on attention probabilities; in [0, 1)
 * @param maxPositionEmbeddings longest sequence
 * @param typeVocabSize number of segment ids
 * @param layerNormEps added to the variance in every LayerNorm but that of the generator's head
 * @param initializerRange standard deviation of the truncated normal that matrices and embeddings start from
 * @param padTokenId id of the padding token; null: the tokenizer's
 * @param generatorSize the generator's H, A and F as a share of the discriminator's; in (0, 1]
 * @param discriminatorWeight weight of the discriminator's loss beside the generator's, lambda of the paper's section 2
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ElectraConfig(
        Integer vocabSize,
        Integer embeddingSize,
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
        Double generatorSize,
        Double discriminatorWeight)
        implements EncoderConfig {
    /** {@code model_type} of ELECTRA. */
    public static final String MODEL_TYPE = "electra";

    private static final double HEAD_EPS = 1e-5; // torch's default, which Hugging Face's head has
    private static final double WHOLE = 1; // of a network that is trained with no generator, or is one

    public ElectraConfig(
            Integer vocabSize,
            Integer embeddingSize,
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
            Double generatorSize,
            Double discriminatorWeight) {
        this.vocabSize = vocabSize;
        this.embeddingSize = orElse(embeddingSize, 128);
        this.hiddenSize = orElse(hiddenSize, 256);
        this.numHiddenLayers = orElse(numHiddenLayers, 12);
        this.numAttentionHeads = orElse(numAttentionHeads, 4);
        this.intermediateSize = orElse(intermediateSize, EncoderConfig.usualIntermediateSize(this.hiddenSize));
        this.hiddenAct = orElse(hiddenAct, "gelu");
        this.hiddenDropoutProb = orElse(hiddenDropoutProb, 0.1);
        this.attentionProbsDropoutProb = orElse(attentionProbsDropoutProb, 0.1);
        this.maxPositionEmbeddings = orElse(maxPositionEmbeddings, 512);
        this.typeVocabSize = orElse(typeVocabSize, 2);
        this.layerNormEps = orElse(layerNormEps, 1e-12);
        this.initializerRange = orElse(initializerRange, 0.02);
        this.padTokenId = padTokenId;
        this.generatorSize = orElse(generatorSize, 0.25);
        this.discriminatorWeight = orElse(discriminatorWeight, 50.0);
        requireRules();
        ConfigRules.positive("embedding_size", this.embeddingSize);
        ConfigRules.require(
                this.generatorSize > 0 && this.generatorSize <= 1,
                "generator_size",
                this.generatorSize,
                "a share above 0 and of at most 1");
        ConfigRules.require(
                share(this.hiddenSize) % share(this.numAttentionHeads) == 0,
                "generator_size",
                this.generatorSize,
                "a share that leaves the generator's hidden_size (" + share(this.hiddenSize)
                        + ") a multiple of its num_attention_heads (" + share(this.numAttentionHeads) + ")");
        ConfigRules.require(
                this.discriminatorWeight > 0 && Double.isFinite(this.discriminatorWeight),
                "discriminator_weight",
                this.discriminatorWeight,
                "a number above 0");
    }

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public int longestSequence() {
        return maxPositionEmbeddings;
    }

    /** Nothing is left out of an ELECTRA. */
    @Override
    public EncoderVariant variant() {
        return null;
    }

    /** Whether a linear layer takes the embeddings to the hidden states. */
    boolean projects() {
        return !embeddingSize.equals(hiddenSize);
    }

    /** What the embeddings are computed with. */
    TransformerShape embeddingShape() {
        return shape().withVectors(embeddingSize, layerNormEps);
    }

    /** What the generator's head is computed with. */
    TransformerShape headShape() {
        return shape().withActivation("gelu").withVectors(embeddingSize, HEAD_EPS);
    }

    /** The shape of the generator that such a discriminator is trained with; E is the same. */
    ElectraConfig generator() {
        return with(
                vocabSize,
                share(hiddenSize),
                numHiddenLayers,
                share(numAttentionHeads),
                share(intermediateSize),
                padTokenId,
                WHOLE);
    }

    private int share(int count) {
        return (int) Math.max(1, Math.round(generatorSize * count));
    }

    @Override
    public ElectraConfig resized(Integer vocabulary, int hidden, int layers, int heads, int intermediate) {
        return with(vocabulary, hidden, layers, heads, intermediate, padTokenId, generatorSize);
    }

    @Override
    public ElectraConfig forTokenizer(int size, int padId, OptionalInt endId) {
        return with(
                orElse(vocabSize, size),
                hiddenSize,
                numHiddenLayers,
                numAttentionHeads,
                intermediateSize,
                orElse(padTokenId, padId),
                generatorSize);
    }

    private ElectraConfig with(
            Integer vocabulary, int hidden, int layers, int heads, int intermediate, Integer padId, double share) {
        return new ElectraConfig(
                vocabulary,
                embeddingSize,
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
                padId,
                share,
                discriminatorWeight);
    }

    /** As BERT's, with the embeddings as wide as they are. */
    @Override
    public List<DropoutSite> dropoutSites(long length, long longest) {
        List<DropoutSite> sites = new ArrayList<>(EncoderConfig.super.dropoutSites(length, longest));
        sites.set(0, DropoutSite.ofHiddenStates(length, longest, embeddingSize, hiddenDropoutProb));
        return sites;
    }

    /** Those of the discriminator. */
    @Override
    public double parameters() {
        double tables = (double) orElse(vocabSize, 1) + maxPositionEmbeddings + typeVocabSize;
        double projection = projects() ? hiddenSize : 0;
        return embeddingSize * (tables + projection) + encoder().parameters();
    }

    /** Those of both networks: the generator's head at the predicted positions, the discriminator's everywhere. */
    @Override
    public double multiplications(long rows, long length, long predictions, boolean nextSentence) {
        ElectraConfig generator = generator();
        double replaced = (double) rows * length * ((double) hiddenSize * hiddenSize + hiddenSize);
        double tokens = (double) predictions * embeddingSize * (generator.hiddenSize + orElse(vocabSize, 1));
        return hiddenStates(rows, length) + replaced + generator.hiddenStates(rows, length) + tokens;
    }

    private double hiddenStates(long rows, long length) {
        double projection = projects() ? (double) rows * length * embeddingSize * hiddenSize : 0;
        return projection + encoder().multiplications(rows, length, 0, false);
    }

    /** The layers alone. */
    private EncoderSize encoder() {
        return new EncoderSize(0, hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize);
    }

    /**
     * Reads Hugging Face's {@code config.json}; keys that do not change the computation are ignored.
     *
     * @param json the parsed file
     * @param source its name, for messages
     * @throws norma.datasets.base.InvalidInputException if it describes something that this model does not compute
     */
    static ElectraConfig fromJson(JsonNode json, String source) {
        ConfigJson config = EncoderConfig.json(json, source, MODEL_TYPE);
        return config.read(() -> new ElectraConfig(
                config.integer("vocab_size"),
                config.integer("embedding_size"),
                config.integer("hidden_size"),
                config.integer("num_hidden_layers"),
                config.integer("num_attention_heads"),
                config.integer("intermediate_size", 1024),
                config.activation("hidden_act"),
                config.number("hidden_dropout_prob"),
                config.number("attention_probs_dropout_prob"),
                config.integer("max_position_embeddings"),
                config.integer("type_vocab_size"),
                config.number("layer_norm_eps"),
                config.number("initializer_range"),
                config.integer("pad_token_id", 0),
                WHOLE,
                null));
    }

    /** This configuration as Hugging Face's {@code config.json} for ElectraForPreTraining. */
    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add("ElectraForPreTraining");
        putInto(json);
        json.put("embedding_size", embeddingSize);
        return json;
    }
}
