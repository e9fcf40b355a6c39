package norma.probes.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.base.PublicApi;
import norma.datasets.batches.Batch;
import norma.datasets.config.DataConfig;
import norma.datasets.objectives.Objective;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.probes.source.ModelSource;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.ConfigSource;
import norma.trainer.config.RunConfig;
import norma.trainer.run.RunFiles;

/**
 * From text to sequences with something to predict: by a run's own objective or, elsewhere, by the one that the model's
 * architecture is measured by. Masks are those of a run's validation and never change.
 *
 * @param source of the text
 * @param rows at most so many sequences
 * @param sequenceLength S of text; a run's own split has the run's
 * @param batchRows B
 */
@PublicApi
public record EvaluationText(Source source, int rows, int sequenceLength, int batchRows) {
    /** Where the text comes from. */
    public sealed interface Source {}

    /** The run's own held-out split. */
    public record HeldOut() implements Source {}

    /** Sequences with their labels, see {@link FrozenSet}. */
    public record Frozen(Path file) implements Source {}

    /** A corpus that has text of its own, by its key. */
    public record Named(String corpus) implements Source {}

    /** Text files, folders and globs. */
    public record Files(List<String> paths) implements Source {
        public Files {
            paths = List.copyOf(paths);
        }
    }

    /**
     * Reads or makes the sequences.
     *
     * @param model whose tokenizer encodes text
     * @param progress told while text is encoded
     * @throws InvalidInputException if there is no such text, or it gives no sequence
     */
    public LanguageModelEvaluation prepare(ModelSource model, Progress progress) {
        if (source instanceof HeldOut) {
            return heldOut(model, progress);
        }
        if (source instanceof Frozen frozen) {
            Objective labelled = model.last().standardObjective().ofLabels();
            return new LanguageModelEvaluation(
                    frozen.file().toString(),
                    labelled,
                    FrozenSet.read(frozen.file(), labelled, model.last().config(), rows, batchRows));
        }
        if (source instanceof Named named) {
            return text(named.corpus(), List.of(), named.corpus(), model, progress);
        }
        List<String> paths = ((Files) source).paths();
        return text("text", paths, String.join(" ", paths), model, progress);
    }

    private LanguageModelEvaluation heldOut(ModelSource model, Progress progress) {
        if (!model.run()) {
            throw InvalidInputException.setting(
                    "evaluation", "run", "text or a .safetensors file: " + model.path() + " is no run");
        }
        ConfigSource ofRun = new ConfigSource(new RunFiles(model.path()).config(), List.of());
        RunConfig config = ofRun.read();
        return ofRun.located(() -> heldOut(model, config, ofRun.file(), progress));
    }

    private LanguageModelEvaluation heldOut(ModelSource model, RunConfig config, Path yaml, Progress progress) {
        try (PretrainingData data = PretrainingData.prepare(
                config.data(),
                tokenizer(model),
                Architectures.of(config.model()).sequences(),
                config.seed(),
                model.cacheFolder(),
                progress)) {
            if (data.batches().validationExamples() == 0) {
                throw new InvalidInputException(yaml + ": data.validation_fraction holds out no sequence");
            }
            return ReplacedText.evaluation(
                    "held-out split of " + model.path(), config.data().toObjective(), batches(data), model.last());
        }
    }

    private LanguageModelEvaluation text(
            String corpus, List<String> paths, String name, ModelSource model, Progress progress) {
        Objective objective = model.last().standardObjective();
        DataConfig data =
                new DataConfig(corpus, paths, null, null, null, sequenceLength, null, objective.key(), null, null);
        try (PretrainingData prepared = PretrainingData.prepareEvaluation(
                data, tokenizer(model), model.last().sequences(), model.cacheFolder(), progress)) {
            return ReplacedText.evaluation(name, objective, batches(prepared), model.last());
        }
    }

    private static TokenizerConfig tokenizer(ModelSource model) {
        return new TokenizerConfig(
                "file", null, null, model.last().tokenizerFile().toString(), null);
    }

    private List<Batch> batches(PretrainingData data) {
        int available = Math.min(rows, data.batches().validationExamples());
        List<Batch> batches = new ArrayList<>();
        for (int first = 0; first < available; first += batchRows) {
            batches.add(data.batches().validationBatch(first, Math.min(batchRows, available - first)));
        }
        return batches;
    }
}
