package norma.probes.classification;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.LabelledSplit;
import norma.datasets.tasks.TaskKind;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.finetuning.DevSet;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.pretrained.ReadingMemory;

/** A fine-tuned model with its tokenizer, which says of texts what it was trained to say. One thread uses it. */
public final class TextClassifier implements AutoCloseable {
    private final PretrainedModel model;
    private final Tokenizer tokenizer;
    private final ClassifierKind kind;
    private final int maxLength;
    private final int batchSize;

    private TextClassifier(
            PretrainedModel model, Tokenizer tokenizer, ClassifierKind kind, int maxLength, int batchSize) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.kind = kind;
        this.maxLength = maxLength;
        this.batchSize = batchSize;
    }

    /**
     * How it is asked.
     *
     * @param labels of the outputs in their order, in place of those in {@code config.json}; empty: as that names them
     * @param maxLength tokens of an example at most, special ones counted; null: {@link ProbedCheckpoint#textLength}
     * @param batchSize B
     */
    public record Settings(List<String> labels, Integer maxLength, int batchSize) {
        /** Copies. */
        public Settings {
            labels = List.copyOf(labels);
        }
    }

    /**
     * Opens a checkpoint folder.
     *
     * @throws InvalidInputException if it holds no classifier, its files do not fit together, or the settings do not
     *     fit it
     */
    public static TextClassifier open(ProbedCheckpoint checkpoint, Device device, Settings settings) {
        Path file = checkpoint.tokenizerFile();
        PretrainedModel model = PretrainedModel.open(checkpoint.folder(), device);
        try {
            ClassifierKind kind = ClassifierKind.of(model, settings.labels);
            Tokenizer tokenizer = Tokenizer.load(file);
            try {
                model.tables().requireVocabulary(file.toString(), tokenizer.vocabularySize());
                int maxLength = settings.maxLength == null
                        ? checkpoint.textLength(tokenizer)
                        : fitting(model, settings.maxLength);
                return new TextClassifier(model, tokenizer, kind, maxLength, settings.batchSize);
            } catch (RuntimeException e) {
                tokenizer.close();
                throw e;
            }
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static int fitting(PretrainedModel model, int maxLength) {
        int longest = model.config().longestSequence();
        if (maxLength > longest) {
            throw InvalidInputException.setting(
                    "max_length",
                    maxLength,
                    "at most " + model.config().positionsKey() + " of " + model.folder() + " (" + longest + ")");
        }
        return maxLength;
    }

    /** Where the model was read from. */
    public Path folder() {
        return model.folder();
    }

    /** What it predicts. */
    public TaskKind kind() {
        return kind.kind();
    }

    /** What was taken for granted about its outputs, for people. */
    public Optional<String> assumption() {
        return kind.assumption();
    }

    /** Tokens of an example at most. */
    public int maxLength() {
        return maxLength;
    }

    /** SHA-256 of the tokenizer. */
    public String tokenizerSha256() {
        return tokenizer.sha256();
    }

    /**
     * What the model gives for examples.
     *
     * @param outputs (N*K) in the order of the examples
     * @param truncated how many of them have lost tokens
     */
    @SuppressWarnings("ArrayRecordComponent") // read only
    public record Answer(float[] outputs, int truncated) {}

    /**
     * Asks it about all examples of a split.
     *
     * @param said told, before the first of them, what memory that takes
     * @throws InvalidInputException if they are pairs and the model takes none, there is no room for a batch, or the
     *     model's output is no number
     */
    public Answer answer(LabelledSplit split, Progress progress, Consumer<String> said) {
        if (split.examples().get(0).textPair() != null) {
            model.tables().requirePairs(split.source(), model.sequences());
        }
        DevSet set = DevSet.of(split, kind(), tokenizer, model.sequences(), maxLength, batchSize);
        ReadingMemory memory = ReadingMemory.of(
                model, set.batches().stream().map(LabelledBatch::inputs).toList());
        said.accept(memory.line());
        memory.require();
        int examples = split.examples().size();
        int[] done = new int[1];
        float[] outputs = set.outputs(batch -> {
            progress.update("predicting", done[0], examples, "texts");
            done[0] += batch.rows();
            return logits(split, batch);
        });
        progress.update("predicting", examples, examples, "texts");
        return new Answer(outputs, set.truncated());
    }

    private float[] logits(LabelledSplit split, LabelledBatch batch) {
        model.tables().require(split.source(), batch.inputs());
        try (BatchState state = model.advance(batch.inputs(), 0)) {
            float[] logits = model.classLogits(state);
            for (float logit : logits) {
                if (Float.isNaN(logit)) {
                    throw new InvalidInputException(
                            model.folder() + ": the model's output is NaN for a text, expected numbers");
                }
            }
            return logits;
        }
    }

    @Override
    public void close() {
        tokenizer.close();
        model.close();
    }
}
