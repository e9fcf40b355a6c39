package norma.trainer.gpt2;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.objectives.CausalLm;
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

/** GPT-2 (Radford et al. 2019) under the names of Hugging Face's GPT2LMHeadModel and GPT2ForSequenceClassification. */
public final class Gpt2Architecture implements Architecture {
    private static final TensorNames NAMES = new TensorNames(
            List.of(
                    EmbeddingTable.words(Gpt2Stages.WORD_EMBEDDINGS),
                    EmbeddingTable.positions(Gpt2Stages.POSITION_EMBEDDINGS)),
            Map.of(Head.LANGUAGE_MODEL, List.of(), Head.CLASSIFIER, List.of("score.")),
            Set.of(),
            List.of(
                    new OtherHead("token classifier", "GPT2ForTokenClassification", List.of("classifier.")),
                    new OtherHead("multiple-choice head", "GPT2DoubleHeadsModel", List.of("multiple_choice_head.")),
                    new OtherHead("question-answering head", "GPT2ForQuestionAnswering", List.of("qa_outputs."))),
            "score.weight",
            Map.of("lm_head.weight", Gpt2Stages.WORD_EMBEDDINGS),
            Set.of(".attn.bias", ".attn.masked_bias"), // the causal mask, and what is written where it masks
            Gpt2Architecture::canonical);

    @Override
    public String modelType() {
        return Gpt2Config.MODEL_TYPE;
    }

    @Override
    public Class<? extends ModelConfig> configClass() {
        return Gpt2Config.class;
    }

    @Override
    public Gpt2Config config(JsonNode json, String source) {
        return Gpt2Config.fromJson(json, source);
    }

    @Override
    public SequenceFormat sequences() {
        return SequenceFormat.GPT2;
    }

    @Override
    public Set<Class<? extends Objective>> objectives() {
        return Set.of(CausalLm.class);
    }

    @Override
    public Objective standardObjective(Set<Head> heads) {
        return new CausalLm();
    }

    @Override
    public PretrainingModel pretraining(ModelConfig config, Objective objective, long seed) {
        return new HeadLosses(languageModel(config, seed), List.of(HeadLosses.Task.CAUSAL_LM), Set.of());
    }

    @Override
    public Network network(ModelConfig config) {
        return languageModel(config, 0);
    }

    @Override
    public Network classifier(ModelConfig config, int outputs, long seed) {
        Parts parts = new Parts((Gpt2Config) config, seed);
        return parts.network.with(Head.CLASSIFIER, new Gpt2Classifier(parts.parameters, parts.config, outputs));
    }

    private static Network languageModel(ModelConfig config, long seed) {
        Parts parts = new Parts((Gpt2Config) config, seed);
        return parts.network.with(Head.LANGUAGE_MODEL, new TiedHead(parts.config.shape(), parts.stages.words(), null));
    }

    @Override
    public String huggingFaceClass(Set<Head> heads) {
        if (heads.contains(Head.CLASSIFIER)) {
            return "GPT2ForSequenceClassification";
        }
        return heads.contains(Head.LANGUAGE_MODEL) ? "GPT2LMHeadModel" : "GPT2Model";
    }

    @Override
    public TensorNames names() {
        return NAMES;
    }

    /** Names of models without heads, as GPT2LMHeadModel has them. */
    private static String canonical(String name) {
        return name.startsWith("wte.") || name.startsWith("wpe.") || name.startsWith("h.") || name.startsWith("ln_f.")
                ? "transformer." + name
                : name;
    }

    /** Embeddings and layers, whose parameters come first in every file. */
    private static final class Parts {
        private final Gpt2Config config;
        private final NetworkParameters parameters;
        private final Gpt2Stages stages;
        private final HeadedNetwork network;

        Parts(Gpt2Config config, long seed) {
            this.config = config;
            parameters = new NetworkParameters(config.initializerRange(), seed);
            stages = new Gpt2Stages(parameters, config);
            network = new HeadedNetwork(config, parameters, stages, stages.sites(), List.of());
        }
    }
}
