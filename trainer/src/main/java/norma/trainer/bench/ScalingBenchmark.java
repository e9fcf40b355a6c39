package norma.trainer.bench;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.pretraining.PretrainingData;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfig;
import norma.trainer.run.RunFiles;

/**
 * How the time of a training step grows with the work. From a configuration one thing at a time is doubled, three
 * times; all sizes are trained in turns within one process, in rounds that each begin with another, so that a change of
 * the machine's speed meets all alike. A step is a run's, with its batch, dropout masks, clipping, optimiser and
 * recording, without logging, evaluation and checkpoints. The exponents of the useful operations of the same steps
 * stand beside those of the time ({@link UsefulFlops}).
 */
public final class ScalingBenchmark {
    private static final List<Integer> FACTORS = List.of(1, 2, 4, 8);
    private static final int LARGEST = 8;
    private static final int STEPS = 3; // timed, of a turn

    private ScalingBenchmark() {}

    /** What grows. */
    public enum Axis {
        /** Rows of the batch. */
        TOKENS_PER_STEP,
        /** The hidden size; the feed-forward layer and the number of heads with it, the size of a head stays. */
        HIDDEN_SIZE,
        /** Encoder layers. */
        NUM_HIDDEN_LAYERS,
        /** Rows of the word embedding, columns of the logits. */
        VOCAB_SIZE;

        StepSize grow(StepSize base, int factor) {
            return switch (this) {
                case TOKENS_PER_STEP -> base.withMoreRows(factor);
                case HIDDEN_SIZE -> base.wider(factor);
                case NUM_HIDDEN_LAYERS -> base.deeper(factor);
                case VOCAB_SIZE -> base.withMoreWords(factor);
            };
        }

        long value(StepSize size, int length) {
            return switch (this) {
                case TOKENS_PER_STEP -> (long) size.rows() * length;
                case HIDDEN_SIZE -> size.model().hiddenSize();
                case NUM_HIDDEN_LAYERS -> size.model().numHiddenLayers();
                case VOCAB_SIZE -> size.model().vocabSize();
            };
        }
    }

    /**
     * A size that was measured.
     *
     * @param value of what grows
     * @param usefulFlops floating-point operations that the step cannot do without
     * @param stepSeconds of each round the median step
     */
    public record Point(long value, double usefulFlops, Spread stepSeconds) {}

    /**
     * How one thing's growth is felt. The exponents between the last two points say where it is heading.
     *
     * @param points in the order of their values
     * @param time the power law of the median seconds
     * @param lastTimeExponent between the last two points
     * @param flops the power law of the useful operations
     * @param lastFlopsExponent between the last two points
     */
    public record Growth(
            Axis axis,
            List<Point> points,
            PowerLaw time,
            double lastTimeExponent,
            PowerLaw flops,
            double lastFlopsExponent) {
        public Growth {
            points = List.copyOf(points);
        }

        /** Fits both laws to at least two points. */
        static Growth of(Axis axis, List<Point> points) {
            List<Point> last = points.subList(points.size() - 2, points.size());
            return new Growth(
                    axis,
                    points,
                    fit(points, Growth::seconds),
                    fit(last, Growth::seconds).exponent(),
                    fit(points, Point::usefulFlops),
                    fit(last, Point::usefulFlops).exponent());
        }

        private static double seconds(Point point) {
            return point.stepSeconds().median();
        }

        private static PowerLaw fit(List<Point> points, ToDoubleFunction<Point> y) {
            return PowerLaw.fit(
                    points.stream().mapToDouble(Point::value).toArray(),
                    points.stream().mapToDouble(y).toArray());
        }
    }

    /**
     * Measures.
     *
     * @param asked where all axes begin
     * @param runs folder of the prepared data, and of recordings that are deleted afterwards
     * @param rounds that are timed, at least one, after one that is not
     * @return one for each axis
     * @throws InvalidInputException if the corpus is too small for the largest batch
     */
    public static List<Growth> run(RunConfig asked, Path runs, int rounds, Progress progress) {
        RunConfig config = asked.forMachine();
        List<Device> devices = config.devices();
        Path scratch = runs.resolve(".bench-" + ProcessHandle.current().pid());
        Map<StepSize, TimedLearner> learners = new LinkedHashMap<>();
        try (PretrainingData data = PretrainingData.prepare(
                config.data(),
                config.tokenizer(),
                Architectures.of(config.model()).sequences(),
                config.seed(),
                RunFiles.cache(runs),
                progress)) {
            StepSize base = base(config, devices.size(), data);
            try {
                for (Axis axis : Axis.values()) {
                    for (int factor : FACTORS) {
                        learners.computeIfAbsent(
                                axis.grow(base, factor),
                                size -> new TimedLearner(
                                        config,
                                        devices,
                                        size,
                                        data.batches(),
                                        scratch.resolve(Integer.toString(learners.size()))));
                    }
                }
                measure(List.copyOf(learners.values()), rounds, progress);
                return growths(base, config.data().sequenceLength(), learners);
            } finally {
                learners.values().forEach(TimedLearner::close);
            }
        } finally {
            ScratchFolder.delete(scratch);
        }
    }

    private static StepSize base(RunConfig config, int replicas, PretrainingData data) {
        int rows = config.training().batchSize();
        long examples = data.batches().trainingExamples();
        if (examples < (long) LARGEST * rows) {
            throw InvalidInputException.of(
                    "training",
                    "batch_size",
                    rows,
                    "at most " + examples / LARGEST + ", because batches " + LARGEST
                            + " times as large are timed too and the corpus gives " + examples + " training sequences");
        }
        return StepSize.of(config.forTokenizer(data.tokenizer()).model(), config.training(), replicas);
    }

    private static void measure(List<TimedLearner> learners, int rounds, Progress progress) {
        long turns = (rounds + 1L) * learners.size();
        long done = 0;
        for (int round = 0; round <= rounds; round++) {
            List<TimedLearner> order = new ArrayList<>(learners);
            Collections.rotate(order, round);
            for (TimedLearner learner : order) {
                progress.update("timing steps of " + learners.size() + " sizes", done, turns, "turns");
                learner.turn(STEPS, round > 0); // the first round warms up
                done++;
            }
        }
        progress.update("timing steps of " + learners.size() + " sizes", turns, turns, "turns");
    }

    private static List<Growth> growths(StepSize base, int length, Map<StepSize, TimedLearner> learners) {
        List<Growth> growths = new ArrayList<>();
        for (Axis axis : Axis.values()) {
            List<Point> points = new ArrayList<>();
            for (int factor : FACTORS) {
                StepSize size = axis.grow(base, factor);
                TimedLearner learner = learners.get(size);
                points.add(new Point(axis.value(size, length), learner.usefulFlops(), learner.stepSeconds()));
            }
            growths.add(Growth.of(axis, points));
        }
        return growths;
    }
}
