package norma.probes.evaluation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.datasets.config.DataConfig;
import norma.datasets.corpus.Corpus;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.probes.source.ModelSource;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;

/**
 * From what the user names to masked sequences, whose masks are those of a run's validation and never change.
 *
 * @param sources {@code run} (the run's held-out split), one {@code .safetensors} file (see {@link FrozenSet}), the
 *     name of a corpus with text of its own, or text files, folders and globs
 * @param rows at most so many sequences
 * @param sequenceLength S of text; a run's own split has the run's
 * @param batchRows B
 */
public record EvaluationText(List<String> sources, int rows, int sequenceLength, int batchRows) {
    /** The run's held-out split. */
    public static final String RUN = "run";

    public EvaluationText {
        sources = List.copyOf(sources);
    }

    /**
     * Reads or makes the sequences.
     *
     * @param model whose tokenizer encodes text
     * @param progress told while text is encoded
     * @throws InvalidInputException if there is no such text, or it gives no sequence
     */
    public MaskedLmEvaluation prepare(ModelSource model, Progress progress) {
        if (sources.equals(List.of(RUN))) {
            return heldOut(model, progress);
        }
        if (sources.size() == 1 && sources.get(0).endsWith(".safetensors")) {
            Path file = Path.of(sources.get(0));
            return new MaskedLmEvaluation(file.toString(), FrozenSet.read(file, rows, batchRows));
        }
        return text(model, progress);
    }

    private MaskedLmEvaluation heldOut(ModelSource model, Progress progress) {
        if (!model.run()) {
            throw InvalidInputException.of(
                    "command line", "--eval", RUN, "text or a .safetensors file: " + model.path() + " is no run");
        }
        Path yaml = model.path().resolve("config.yaml");
        RunConfig config = RunConfigYaml.read(yaml, List.of());
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
            return new MaskedLmEvaluation("held-out split of " + model.path(), batches(data));
        }
    }

    private MaskedLmEvaluation text(ModelSource model, Progress progress) {
        boolean named =
                sources.size() == 1 && Corpus.keys().contains(sources.get(0)) && !Files.exists(Path.of(sources.get(0)));
        DataConfig data = new DataConfig(
                named ? sources.get(0) : "text",
                named ? List.of() : sources,
                null,
                null,
                null,
                sequenceLength,
                null,
                null,
                null,
                null);
        try (PretrainingData prepared = PretrainingData.prepareEvaluation(
                data, tokenizer(model), model.last().sequences(), model.cacheFolder(), progress)) {
            return new MaskedLmEvaluation(String.join(" ", sources), batches(prepared));
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
