package norma.trainer.electra;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.objectives.MarkedReplacements;
import norma.datasets.objectives.MaskedLm;
import norma.datasets.objectives.Objective;
import norma.datasets.objectives.ReplacedTokens;
import norma.datasets.tokenizer.SequenceFormat;
import norma.trainer.blocks.HeadLosses;
import norma.trainer.model.Architecture;
import norma.trainer.model.Head;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.TensorNames;
import norma.trainer.model.TensorNames.EmbeddingTable;
import norma.trainer.model.TensorNames.OtherHead;

/**
 * ELECTRA (Clark, Luong, Le and Manning 2020) under the names of Hugging Face's ElectraForPreTraining (the
 * discriminator), ElectraForMaskedLM (the generator) and ElectraForSequenceClassification.
 */
public final class ElectraArchitecture implements Architecture {
    private static final TensorNames NAMES = new TensorNames(
            List.of(
                    EmbeddingTable.words(ElectraParts.WORD_EMBEDDINGS),
                    EmbeddingTable.positions(ElectraParts.POSITION_EMBEDDINGS),
                    EmbeddingTable.types(ElectraParts.TYPE_EMBEDDINGS)),
            Map.of(
                    Head.LANGUAGE_MODEL, List.of("generator_predictions.", "generator_lm_head."),
                    Head.REPLACED_TOKENS, List.of("discriminator_predictions."),
                    Head.CLASSIFIER, List.of("classifier.dense.", "classifier.out_proj.")),
            Set.of(),
            List.of(
                    new OtherHead("token classifier", "ElectraForTokenClassification", List.of("classifier.")),
                    new OtherHead(
                            "multiple-choice head",
                            "ElectraForMultipleChoice",
                            List.of("classifier.", "sequence_summary.")),
                    new OtherHead("question-answering head", "ElectraForQuestionAnswering", List.of("qa_outputs."))),
            "classifier.out_proj.weight",
            Map.of("generator_lm_head.weight", ElectraParts.WORD_EMBEDDINGS),
            Set.of(".position_ids", "electra.embeddings.token_type_ids"),
            ElectraArchitecture::canonical);

    @Override
    public String modelType() {
        return ElectraConfig.MODEL_TYPE;
    }

    @Override
    public Class<? extends ModelConfig> configClass() {
        return ElectraConfig.class;
    }

    @Override
    public ElectraConfig config(JsonNode json, String source) {
        return ElectraConfig.fromJson(json, source);
    }

    @Override
    public SequenceFormat sequences() {
        return SequenceFormat.BERT;
    }

    @Override
    public Set<Class<? extends Objective>> objectives() {
        return Set.of(ReplacedTokens.class);
    }

    /** A generator by its masked tokens, a discriminator by the tokens that were replaced. */
    @Override
    public Objective standardObjective(Set<Head> heads) {
        return heads.contains(Head.LANGUAGE_MODEL) ? MaskedLm.STANDARD : ReplacedTokens.STANDARD;
    }

    @Override
    public PretrainingModel pretraining(ModelConfig config, Objective objective, long seed) {
        ElectraConfig shape = (ElectraConfig) config;
        ElectraParts parts = ElectraParts.of(shape, seed);
        if (objective instanceof MaskedLm) {
            Network generator = parts.withVocabularyHead().network();
            return new HeadLosses(generator, List.of(HeadLosses.Task.MASKED_LM), Set.of());
        }
        if (objective instanceof MarkedReplacements) {
            Network discriminator = parts.withReplacedTokenHead().network();
            return new HeadLosses(discriminator, List.of(HeadLosses.Task.REPLACED_TOKENS), Set.of());
        }
        return ElectraPretraining.of(shape, parts, seed);
    }

    /** With the heads of both, of which a file holds one. */
    @Override
    public Network network(ModelConfig config) {
        return ElectraParts.of((ElectraConfig) config, 0)
                .withVocabularyHead()
                .withReplacedTokenHead()
                .network();
    }

    @Override
    public Network classifier(ModelConfig config, int outputs, long seed) {
        return ElectraParts.of((ElectraConfig) config, seed)
                .withClassifier(outputs)
                .network();
    }

    @Override
    public String huggingFaceClass(Set<Head> heads) {
        if (heads.contains(Head.CLASSIFIER)) {
            return "ElectraForSequenceClassification";
        }
        if (heads.contains(Head.LANGUAGE_MODEL)) {
            return "ElectraForMaskedLM";
        }
        return heads.contains(Head.REPLACED_TOKENS) ? "ElectraForPreTraining" : "ElectraModel";
    }

    @Override
    public TensorNames names() {
        return NAMES;
    }

    /** Names of models without heads, as the others have them. */
    private static String canonical(String name) {
        return name.startsWith("embeddings.") || name.startsWith("embeddings_project.") || name.startsWith("encoder.")
                ? "electra." + name
                : name;
    }
}
