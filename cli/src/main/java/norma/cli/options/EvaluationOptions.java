package norma.cli.options;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.corpus.Corpus;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tasks.TaskSource;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationPlace;
import norma.probes.ablation.KeptScans;
import norma.probes.dimensions.DimensionCosts;
import norma.probes.evaluation.Evaluation;
import norma.probes.evaluation.EvaluationText;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.probes.evaluation.TaskEvaluation;
import norma.probes.source.ModelSource;
import norma.trainer.config.TaskConfig;
import norma.trainer.pretrained.PretrainedModel;
import picocli.CommandLine.Option;

/** What a model is measured on. */
public final class EvaluationOptions {
    private static final String RUN = "run";
    private static final int DEFAULT_ROWS = 512;
    private static final int DEFAULT_LENGTH = 128;
    private static final int DEFAULT_BATCH = 16;

    @Option(
            names = "--eval",
            paramLabel = "TEXT",
            arity = "1..*",
            description =
                    "Text whose masked tokens are predicted: run, the run's held-out split (the default for a run);"
                            + " wordnet; text files, folders and globs; or a .safetensors file with input_ids and labels (-100"
                            + " where nothing is predicted). The masks of a text are always the same. For a discriminator"
                            + " (ELECTRA) its generator, or chance, fills the masks, and labels are 1 for replaced tokens and 0"
                            + " for others. For a model with a decoder (BART) text is damaged and said again, and labels are"
                            + " what the decoder is to say.")
    private List<String> texts = List.of();

    @Option(
            names = "--eval-rows",
            paramLabel = "N",
            description =
                    "Number of sequences at most; default: 512 (attention 32, outliers 64), and all of a task or of"
                            + " a .safetensors file (outliers 64 of the file).")
    private Integer rows;

    @Option(
            names = "--sequence-length",
            paramLabel = "N",
            description = "Tokens of a sequence of text, or at most of a task's example; default: 128, or the model's"
                    + " longest if that is less; of a task what the tokenizer's settings say (model_max_length), which is"
                    + " what a model was fine-tuned with. A run's held-out split and a .safetensors file have lengths of"
                    + " their own.")
    private Integer sequenceLength;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Sequences in memory at once; default: ${DEFAULT-VALUE}.")
    private int batchSize = DEFAULT_BATCH;

    /** Whether something was named, or a run has its own. */
    public boolean available(ModelSource source) {
        return !texts.isEmpty() || source.run();
    }

    public LanguageModelEvaluation prepare(ModelSource source, Progress progress) {
        return prepare(source, progress, DEFAULT_ROWS, Integer.MAX_VALUE);
    }

    /**
     * What a run's dimensions cost on its held-out split, as {@code norma ablate RUN --each} finds it by default: for
     * commands that have no evaluation of their own.
     */
    public static DimensionCosts costsOf(PretrainedModel bert, ModelSource source, Progress progress) {
        return () -> {
            if (!source.run()) {
                throw InvalidInputException.of(
                        "command line",
                        "costliest:K",
                        source.path() + ", which is no run",
                        "a run, whose held-out split tells, or a list of dimensions");
            }
            Evaluation heldOut = new EvaluationText(
                            new EvaluationText.HeldOut(), DEFAULT_ROWS, DEFAULT_LENGTH, DEFAULT_BATCH)
                    .prepare(source, progress);
            return new KeptScans(source.probesFolder().orElseThrow())
                    .costs(bert, heldOut, AblationPlace.PAPER, progress)
                    .byDimension();
        };
    }

    /**
     * The same with other numbers of sequences where none was asked for.
     *
     * @param textRows of text
     * @param frozenRows of a .safetensors file
     */
    public LanguageModelEvaluation prepare(ModelSource source, Progress progress, int textRows, int frozenRows) {
        if (!available(source)) {
            throw InvalidInputException.of(
                    "command line",
                    "--eval",
                    "nothing",
                    "text or a .safetensors file, because " + source.path() + " is no run with a held-out split");
        }
        requireSizes();
        EvaluationText.Source text = text();
        if (!(text instanceof EvaluationText.Files || text instanceof EvaluationText.Named)) {
            String fixed = text instanceof EvaluationText.Frozen ? texts.get(0) : "the run's held-out split";
            WithoutEffect.refuse("--sequence-length", sequenceLength, "none: " + fixed + " has a length of its own");
        }
        int most = rows != null ? rows : text instanceof EvaluationText.Frozen ? frozenRows : textRows;
        return new EvaluationText(text, most, sequenceLength(source), batchSize).prepare(source, progress);
    }

    private EvaluationText.Source text() {
        if (texts.isEmpty() || texts.equals(List.of(RUN))) {
            return new EvaluationText.HeldOut();
        }
        String first = texts.get(0);
        if (texts.size() > 1) {
            return new EvaluationText.Files(texts);
        }
        if (first.endsWith(".safetensors")) {
            return new EvaluationText.Frozen(Path.of(first));
        }
        return Corpus.keys().contains(first) && !Files.exists(Path.of(first))
                ? new EvaluationText.Named(first)
                : new EvaluationText.Files(texts);
    }

    /**
     * The held-out examples of a task in place of text.
     *
     * @param labels of the model's outputs in their order; empty: as the model names them
     * @throws InvalidInputException if text was named too, or the task cannot be read
     */
    public TaskEvaluation prepareTask(TaskConfig config, List<String> labels, ModelSource source, Progress progress) {
        if (!texts.isEmpty()) {
            throw InvalidInputException.of("command line", "--eval", String.join(" ", texts), "none beside a task");
        }
        requireSizes();
        TaskSource task = config.source();
        progress.update("reading " + task.name(), 0, 1, "tasks");
        LabelledTask labelled = task.load();
        try (Tokenizer tokenizer = source.last().tokenizer()) {
            return new TaskEvaluation(
                    labelled,
                    tokenizer,
                    source.last().sequences(),
                    sequenceLength == null ? source.last().textLength(tokenizer) : sequenceLength,
                    rows == null ? Integer.MAX_VALUE : rows,
                    batchSize,
                    labels);
        }
    }

    private int sequenceLength(ModelSource source) {
        return sequenceLength == null ? Math.min(DEFAULT_LENGTH, source.last().longestSequence()) : sequenceLength;
    }

    private void requireSizes() {
        WholeNumber.requireAtLeastOne("--batch-size", batchSize);
        WholeNumber.requireAtLeastOne("--eval-rows", rows == null ? 1 : rows);
        if (sequenceLength != null && sequenceLength < 8) {
            throw InvalidInputException.of("command line", "--sequence-length", sequenceLength, "at least 8");
        }
    }
}
