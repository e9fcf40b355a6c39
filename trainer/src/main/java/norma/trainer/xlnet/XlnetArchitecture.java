package norma.trainer.xlnet;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.objectives.Objective;
import norma.datasets.objectives.PermutationLm;
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

/** XLNet (Yang et al. 2019) under the names of Hugging Face's XLNetLMHeadModel and XLNetForSequenceClassification. */
public final class XlnetArchitecture implements Architecture {
    private static final List<String> CLASSIFIER = List.of("sequence_summary.", "logits_proj.");

    private static final TensorNames NAMES = new TensorNames(
            List.of(EmbeddingTable.words(XlnetStages.WORD_EMBEDDINGS)),
            Map.of(Head.LANGUAGE_MODEL, List.of("lm_loss."), Head.CLASSIFIER, CLASSIFIER),
            Set.of(),
            List.of(
                    new OtherHead("token classifier", "XLNetForTokenClassification", List.of("classifier.")),
                    new OtherHead("multiple-choice head", "XLNetForMultipleChoice", CLASSIFIER),
                    new OtherHead("question-answering head", "XLNetForQuestionAnsweringSimple", List.of("qa_outputs.")),
                    new OtherHead(
                            "question-answering head",
                            "XLNetForQuestionAnswering",
                            List.of("start_logits.", "end_logits.", "answer_class."))),
            "logits_proj.weight",
            Map.of("lm_loss.weight", XlnetStages.WORD_EMBEDDINGS),
            Set.of(),
            XlnetArchitecture::canonical);

    @Override
    public String modelType() {
        return XlnetConfig.MODEL_TYPE;
    }

    @Override
    public Class<? extends ModelConfig> configClass() {
        return XlnetConfig.class;
    }

    @Override
    public XlnetConfig config(JsonNode json, String source) {
        return XlnetConfig.fromJson(json, source);
    }

    @Override
    public SequenceFormat sequences() {
        return SequenceFormat.XLNET;
    }

    @Override
    public Set<Class<? extends Objective>> objectives() {
        return Set.of(PermutationLm.class);
    }

    @Override
    public Objective standardObjective(Set<Head> heads) {
        return new PermutationLm();
    }

    @Override
    public PretrainingModel pretraining(ModelConfig config, Objective objective, long seed) {
        return new HeadLosses(languageModel(config, seed), List.of(HeadLosses.Task.PERMUTATION_LM), Set.of());
    }

    @Override
    public Network network(ModelConfig config) {
        return languageModel(config, 0);
    }

    /** Nothing is asked of the query stream, so what it begins with stays as it is. */
    @Override
    public Network classifier(ModelConfig config, int outputs, long seed) {
        Parts parts = new Parts((XlnetConfig) config, seed);
        parts.parameters.constant(parts.stages.query());
        XlnetClassifier head = new XlnetClassifier(parts.parameters, parts.config, outputs);
        HeadedNetwork network = parts.network.with(Head.CLASSIFIER, head).dropping(parts.config::contentDropoutSites);
        head.dropoutSites().forEach(network::withDropout);
        return network;
    }

    private static Network languageModel(ModelConfig config, long seed) {
        Parts parts = new Parts((XlnetConfig) config, seed);
        return parts.network.with(
                Head.LANGUAGE_MODEL,
                new TiedHead(
                        parts.config.shape(),
                        parts.stages.words(),
                        parts.parameters.bias("lm_loss.bias", parts.config.vocabSize())));
    }

    @Override
    public String huggingFaceClass(Set<Head> heads) {
        if (heads.contains(Head.CLASSIFIER)) {
            return "XLNetForSequenceClassification";
        }
        return heads.contains(Head.LANGUAGE_MODEL) ? "XLNetLMHeadModel" : "XLNetModel";
    }

    @Override
    public TensorNames names() {
        return NAMES;
    }

    /** Names of models without heads, as XLNetLMHeadModel has them. */
    private static String canonical(String name) {
        return name.equals("mask_emb") || name.startsWith("word_embedding.") || name.startsWith("layer.")
                ? "transformer." + name
                : name;
    }

    /** Embeddings and layers, whose parameters come first in every file. */
    private static final class Parts {
        private final XlnetConfig config;
        private final NetworkParameters parameters;
        private final XlnetStages stages;
        private final HeadedNetwork network;

        Parts(XlnetConfig config, long seed) {
            this.config = config;
            parameters = new NetworkParameters(config.initializerRange(), seed);
            stages = new XlnetStages(parameters, config);
            network = new HeadedNetwork(config, parameters, stages, stages.sites(), List.of());
        }
    }
}
