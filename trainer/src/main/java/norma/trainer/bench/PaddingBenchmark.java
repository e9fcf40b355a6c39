package norma.trainer.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import norma.datasets.base.Progress;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tasks.EncodedSplit;
import norma.datasets.tasks.Label;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.LabelledExample;
import norma.datasets.tasks.LabelledSplit;
import norma.datasets.tasks.TaskBatches;
import norma.datasets.tasks.TaskKind;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfig;
import norma.trainer.device.Devices;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.run.RunFiles;
import norma.trainer.step.ClassificationLearner;

/**
 * What texts of different lengths cost in fine-tuning: steps over examples of every length from one word to the
 * longest, half the longest on average, as {@link TaskBatches} puts them together, in turns with steps over as many
 * examples that are all as long as the longest, which is what padding every batch to one shape would cost.
 */
public final class PaddingBenchmark {
    private static final int EPOCH = 50; // batches: one window of the task order
    private static final int EVERY = 5; // of them, ordered by length, one in so many is timed
    private static final TaskKind KIND = new TaskKind.Classification(List.of("no", "yes"));

    private PaddingBenchmark() {}

    /**
     * What was measured.
     *
     * @param rows of a batch
     * @param length of the longest example, to which every batch would be padded
     * @param paddingShare of the positions, if every batch were padded so
     * @param processedShare of those positions that the batches in fact have
     * @param paddedSeconds a step over a batch of the full shape: of each round the mean
     * @param seconds a step over a batch as it is put together: of each round the mean
     * @param ratio of the second to the first in the same round
     */
    public record Result(
            int rows,
            int length,
            double paddingShare,
            double processedShare,
            Spread paddedSeconds,
            Spread seconds,
            Spread ratio) {}

    /**
     * Measures.
     *
     * @param config whose model, tokenizer, length and micro-batch are used
     * @param runs folder of the prepared data
     * @param rounds that are timed, at least one, after one that is not
     */
    public static Result run(RunConfig config, Path runs, int rounds, Progress progress) {
        int length = config.data().sequenceLength();
        int rows = config.training().microBatchSize().rows();
        SequenceFormat sequences = Architectures.of(config.model()).sequences();
        try (PretrainingData data = PretrainingData.prepare(
                        config.data(), config.tokenizer(), sequences, config.seed(), RunFiles.cache(runs), progress);
                ClassificationLearner learner = learner(config, data.tokenizer())) {
            int words = length - sequences.specialTokens(false);
            List<LabelledBatch> mixed = sample(data.tokenizer(), sequences, i -> 1 + i % words, rows, length);
            LabelledBatch full = sample(data.tokenizer(), sequences, i -> words, rows, length)
                    .get(0);
            return measure(learner, mixed, full, rounds, progress);
        }
    }

    private static ClassificationLearner learner(RunConfig config, Tokenizer tokenizer) {
        ModelConfig model = config.forTokenizer(tokenizer).model();
        return ClassificationLearner.create(
                Architectures.of(model).classifier(model, KIND.outputs(), config.seed()),
                KIND,
                new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1),
                new DecayGroups(false, false),
                config.seed(),
                Devices.parse(config.device()),
                Precision.FLOAT32);
    }

    /** One in every few batches of an epoch, ordered by length. */
    static List<LabelledBatch> sample(
            Tokenizer tokenizer, SequenceFormat sequences, IntUnaryOperator words, int rows, int length) {
        List<LabelledExample> examples = IntStream.range(0, EPOCH * rows)
                .mapToObj(i -> new LabelledExample(
                        "a" + " a".repeat(words.applyAsInt(i) - 1), null, new Label.OneClass(i % 2)))
                .toList();
        EncodedSplit split = new EncodedSplit(
                tokenizer, sequences, KIND, new LabelledSplit("train", "bench", examples, List.of()), length);
        TaskBatches batches = new TaskBatches(split, rows, 1);
        List<LabelledBatch> epoch = new ArrayList<>();
        for (int step = 0; step < EPOCH; step++) {
            epoch.add(batches.batch(step));
        }
        epoch.sort(Comparator.comparingInt(batch -> batch.inputs().length()));
        List<LabelledBatch> sample = new ArrayList<>();
        for (int i = EVERY / 2; i < EPOCH; i += EVERY) {
            sample.add(epoch.get(i));
        }
        return sample;
    }

    private static Result measure(
            ClassificationLearner learner,
            List<LabelledBatch> mixed,
            LabelledBatch full,
            int rounds,
            Progress progress) {
        List<Double> padded = new ArrayList<>();
        List<Double> seconds = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        long step = 0;
        for (int round = 0; round <= rounds; round++) {
            progress.update("timing padding", round, rounds + 1L, "rounds");
            double paddedSum = 0;
            double sum = 0;
            for (LabelledBatch batch : mixed) {
                paddedSum += seconds(learner, step++, full);
                sum += seconds(learner, step++, batch);
            }
            if (round > 0) { // the first warms up
                padded.add(paddedSum / mixed.size());
                seconds.add(sum / mixed.size());
                ratios.add(sum / paddedSum);
            }
        }
        progress.update("timing padding", rounds + 1L, rounds + 1L, "rounds");
        double positions = (double) mixed.size() * full.rows() * full.inputs().length();
        return new Result(
                full.rows(),
                full.inputs().length(),
                1 - mixed.stream().mapToLong(batch -> batch.inputs().tokens()).sum() / positions,
                processed(mixed) / positions,
                Spread.of(padded),
                Spread.of(seconds),
                Spread.of(ratios));
    }

    private static double seconds(ClassificationLearner learner, long step, LabelledBatch batch) {
        long start = System.nanoTime();
        learner.step(step, List.of(batch), 1e-5);
        learner.outcomes(); // waits for the device
        return (System.nanoTime() - start) / 1e9;
    }

    /** Positions that the batches have, padding included. */
    static double processed(List<LabelledBatch> batches) {
        return batches.stream()
                .mapToLong(batch -> (long) batch.rows() * batch.inputs().length())
                .sum();
    }
}
