package norma.trainer.bart;

import ai.djl.nn.Parameter;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.objectives.Denoising;
import norma.datasets.objectives.Objective;
import norma.datasets.tokenizer.SequenceFormat;
import norma.trainer.blocks.HeadLosses;
import norma.trainer.blocks.HeadedNetwork;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.TiedHead;
import norma.trainer.model.Architecture;
import norma.trainer.model.Head;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.TensorNames;
import norma.trainer.model.TensorNames.EmbeddingTable;
import norma.trainer.model.TensorNames.OtherHead;

/**
 * BART (Lewis et al. 2020) under the names of Hugging Face's BartForConditionalGeneration and
 * BartForSequenceClassification.
 */
public final class BartArchitecture implements Architecture {
    /** Stored with the word embeddings and not trained; files of a BartModel lack it, and it is 0 then. */
    private static final String LOGITS_BIAS = "final_logits_bias";

    private static final TensorNames NAMES = new TensorNames(
            List.of(
                    EmbeddingTable.words(BartStages.WORD_EMBEDDINGS),
                    new EmbeddingTable(
                            "encoder position embeddings", "positions", "model.encoder.embed_positions.weight"),
                    new EmbeddingTable(
                            "decoder position embeddings", "positions", "model.decoder.embed_positions.weight")),
            Map.of(Head.LANGUAGE_MODEL, List.of(), Head.CLASSIFIER, List.of("classification_head.")),
            Set.of(),
            List.of(new OtherHead("question-answering head", "BartForQuestionAnswering", List.of("qa_outputs."))),
            "classification_head.out_proj.weight",
            Map.of(
                    "model.encoder.embed_tokens.weight", BartStages.WORD_EMBEDDINGS,
                    "model.decoder.embed_tokens.weight", BartStages.WORD_EMBEDDINGS,
                    "lm_head.weight", BartStages.WORD_EMBEDDINGS),
            Set.of("model.encoder.version", "model.decoder.version"), // fairseq's number of a layout
            BartArchitecture::canonical);

    @Override
    public String modelType() {
        return BartConfig.MODEL_TYPE;
    }

    @Override
    public Class<? extends ModelConfig> configClass() {
        return BartConfig.class;
    }

    @Override
    public BartConfig config(JsonNode json, String source) {
        return BartConfig.fromJson(json, source);
    }

    @Override
    public SequenceFormat sequences() {
        return SequenceFormat.BART;
    }

    @Override
    public Set<Class<? extends Objective>> objectives() {
        return Set.of(Denoising.class);
    }

    @Override
    public Objective standardObjective(Set<Head> heads) {
        return Denoising.STANDARD;
    }

    @Override
    public PretrainingModel pretraining(ModelConfig config, Objective objective, long seed) {
        return new HeadLosses(languageModel(config, seed), List.of(HeadLosses.Task.DENOISING), Set.of());
    }

    @Override
    public Network network(ModelConfig config) {
        return languageModel(config, 0);
    }

    @Override
    public Network classifier(ModelConfig config, int outputs, long seed) {
        Parts parts = new Parts((BartConfig) config, seed);
        BartClassifier classifier = new BartClassifier(parts.parameters, parts.config, outputs);
        classifier.dropoutSites().forEach(parts.network::withDropout);
        return parts.network.with(Head.CLASSIFIER, classifier);
    }

    private static Network languageModel(ModelConfig config, long seed) {
        Parts parts = new Parts((BartConfig) config, seed);
        Parameter bias = parts.parameters.optionalRow(LOGITS_BIAS, parts.config.vocabSize());
        return parts.network.with(
                Head.LANGUAGE_MODEL, new TiedHead(parts.config.decoderShape(), parts.stages.words(), bias));
    }

    @Override
    public String huggingFaceClass(Set<Head> heads) {
        if (heads.contains(Head.CLASSIFIER)) {
            return "BartForSequenceClassification";
        }
        return heads.contains(Head.LANGUAGE_MODEL) ? "BartForConditionalGeneration" : "BartModel";
    }

    @Override
    public TensorNames names() {
        return NAMES;
    }

    /** Names of models without heads, as BartForConditionalGeneration has them. */
    private static String canonical(String name) {
        return name.startsWith("shared.") || name.startsWith("encoder.") || name.startsWith("decoder.")
                ? "model." + name
                : name;
    }

    /** Embeddings and layers, whose parameters come first in every file. */
    private static final class Parts {
        private final BartConfig config;
        private final NetworkParameters parameters;
        private final BartStages stages;
        private final HeadedNetwork network;

        Parts(BartConfig config, long seed) {
            this.config = config;
            parameters = new NetworkParameters(config.initStd(), seed);
            stages = new BartStages(parameters, config);
            network = new HeadedNetwork(config, parameters, stages, stages.sites(), stages.stacks());
        }
    }
}
