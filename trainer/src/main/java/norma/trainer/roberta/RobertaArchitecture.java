package norma.trainer.roberta;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.objectives.MaskedLm;
import norma.datasets.objectives.Objective;
import norma.datasets.tokenizer.SequenceFormat;
import norma.trainer.blocks.EncoderVariant;
import norma.trainer.blocks.FirstTokenClassifier;
import norma.trainer.blocks.HeadLosses;
import norma.trainer.blocks.HeadedNetwork;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Pooler;
import norma.trainer.blocks.ResidualChain;
import norma.trainer.blocks.SummedEmbeddings;
import norma.trainer.blocks.VocabularyHead;
import norma.trainer.model.Architecture;
import norma.trainer.model.Head;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.TensorNames;
import norma.trainer.model.TensorNames.EmbeddingTable;
import norma.trainer.model.TensorNames.OtherHead;

/**
 * RoBERTa (Liu et al. 2019) under the names of Hugging Face's RobertaForMaskedLM and RobertaForSequenceClassification.
 */
public final class RobertaArchitecture implements Architecture {
    private static final String WORD_EMBEDDINGS = "roberta.embeddings.word_embeddings.weight";
    private static final String POSITION_EMBEDDINGS = "roberta.embeddings.position_embeddings.weight";
    private static final String TYPE_EMBEDDINGS = "roberta.embeddings.token_type_embeddings.weight";

    private static final TensorNames NAMES = new TensorNames(
            List.of(
                    EmbeddingTable.words(WORD_EMBEDDINGS),
                    EmbeddingTable.positions(POSITION_EMBEDDINGS),
                    EmbeddingTable.types(TYPE_EMBEDDINGS)),
            Map.of(
                    Head.POOLER, List.of("roberta.pooler."),
                    Head.LANGUAGE_MODEL, List.of("lm_head."),
                    Head.CLASSIFIER, List.of("classifier.dense.", "classifier.out_proj.")),
            Set.of(),
            List.of(
                    new OtherHead("token classifier", "RobertaForTokenClassification", List.of("classifier.")),
                    new OtherHead("multiple-choice head", "RobertaForMultipleChoice", List.of("classifier.")),
                    new OtherHead("question-answering head", "RobertaForQuestionAnswering", List.of("qa_outputs."))),
            "classifier.out_proj.weight",
            Map.of("lm_head.decoder.weight", WORD_EMBEDDINGS, "lm_head.decoder.bias", "lm_head.bias"),
            Set.of(".position_ids", "roberta.embeddings.token_type_ids"),
            RobertaArchitecture::canonical);

    @Override
    public String modelType() {
        return RobertaConfig.MODEL_TYPE;
    }

    @Override
    public boolean reads(String storedType) {
        return EncoderVariant.isStoredType(storedType, RobertaConfig.MODEL_TYPE);
    }

    @Override
    public Class<? extends ModelConfig> configClass() {
        return RobertaConfig.class;
    }

    @Override
    public RobertaConfig config(JsonNode json, String source) {
        return RobertaConfig.fromJson(json, source);
    }

    @Override
    public SequenceFormat sequences() {
        return SequenceFormat.ROBERTA;
    }

    @Override
    public Set<Class<? extends Objective>> objectives() {
        return Set.of(MaskedLm.class);
    }

    @Override
    public Objective standardObjective(Set<Head> heads) {
        return MaskedLm.STANDARD;
    }

    @Override
    public PretrainingModel pretraining(ModelConfig config, Objective objective, long seed) {
        Network network = withVocabularyHead(new Parts((RobertaConfig) config, seed));
        return new HeadLosses(network, List.of(HeadLosses.Task.MASKED_LM), Set.of());
    }

    /** With a pooler, which RobertaModel has in some files and RobertaForMaskedLM in none. */
    @Override
    public Network network(ModelConfig config) {
        Parts parts = new Parts((RobertaConfig) config, 0);
        Pooler pooler = new Pooler(parts.parameters, "roberta.pooler.dense", config.hiddenSize());
        parts.network.with(Head.POOLER, pooler);
        return withVocabularyHead(parts);
    }

    @Override
    public Network classifier(ModelConfig config, int outputs, long seed) {
        Parts parts = new Parts((RobertaConfig) config, seed);
        FirstTokenClassifier classifier =
                new FirstTokenClassifier(parts.parameters, parts.config, outputs, NDArray::tanh);
        classifier.dropoutSites().forEach(parts.network::withDropout);
        return parts.network.with(Head.CLASSIFIER, classifier);
    }

    private static Network withVocabularyHead(Parts parts) {
        VocabularyHead head = new VocabularyHead(
                parts.parameters,
                parts.config.shape().withActivation("gelu"),
                parts.config,
                parts.embeddings.words(),
                "lm_head.bias",
                "lm_head.dense",
                "lm_head.layer_norm");
        return parts.network.with(Head.LANGUAGE_MODEL, head).withSite(head.site());
    }

    @Override
    public String huggingFaceClass(Set<Head> heads) {
        if (heads.contains(Head.CLASSIFIER)) {
            return "RobertaForSequenceClassification";
        }
        return heads.contains(Head.LANGUAGE_MODEL) ? "RobertaForMaskedLM" : "RobertaModel";
    }

    @Override
    public TensorNames names() {
        return NAMES;
    }

    /** Names of models without heads, as RobertaForMaskedLM has them. */
    private static String canonical(String name) {
        return name.startsWith("embeddings.") || name.startsWith("encoder.") || name.startsWith("pooler.")
                ? "roberta." + name
                : name;
    }

    /** Embeddings and layers, whose parameters come first in every file. */
    private static final class Parts {
        private final RobertaConfig config;
        private final NetworkParameters parameters;
        private final SummedEmbeddings embeddings;
        private final HeadedNetwork network;

        Parts(RobertaConfig config, long seed) {
            this.config = config;
            parameters = new NetworkParameters(config.initializerRange(), seed);
            embeddings = new SummedEmbeddings(
                    parameters,
                    config,
                    WORD_EMBEDDINGS,
                    POSITION_EMBEDDINGS,
                    TYPE_EMBEDDINGS,
                    "roberta.embeddings.LayerNorm",
                    new RobertaPositions(config.padTokenId()));
            List<ResidualChain.Link> links = new ArrayList<>(List.of(embeddings.link()));
            List<List<Parameter>> stacks = new ArrayList<>();
            for (int i = 0; i < config.numHiddenLayers(); i++) {
                RobertaLayer layer = new RobertaLayer(parameters, config, i);
                links.addAll(layer.links());
                stacks.addAll(layer.stacks());
            }
            ResidualChain chain = new ResidualChain(embeddings, links);
            network = new HeadedNetwork(config, parameters, chain, chain.sites(), stacks);
        }
    }
}
