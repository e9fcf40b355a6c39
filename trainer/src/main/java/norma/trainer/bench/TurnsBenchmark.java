package norma.trainer.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.Progress;
import norma.datasets.config.DataConfig;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfig;
import norma.trainer.model.Precision;
import norma.trainer.run.RunFiles;

/**
 * Steps of several trainings, such as one model in several precisions or several models: a learner for each takes turns
 * with the others within one process, in rounds that each begin with another, so that a change of the machine's speed
 * meets all alike. A step is a run's, with its batch, dropout masks, clipping, optimiser and recording, without
 * logging, evaluation and checkpoints.
 */
public final class TurnsBenchmark implements AutoCloseable {
    private static final int STEPS = 4; // timed, of a turn
    private static final double RATE_SECONDS = 2;

    private final Path runs;
    private final Path scratch;
    private final Progress progress;
    private final Map<DataKey, PretrainingData> data = new LinkedHashMap<>();
    private final Map<Precision, Double> peaks = new LinkedHashMap<>();
    private final Map<String, TimedLearner> learners = new LinkedHashMap<>();
    private final Map<String, Precision> precisions = new LinkedHashMap<>();

    /** What the same data is made of. */
    private record DataKey(DataConfig data, TokenizerConfig tokenizer, SequenceFormat sequences, long seed) {}

    /**
     * None as yet.
     *
     * @param runs folder of the prepared data, and of recordings that are deleted afterwards
     */
    public TurnsBenchmark(Path runs, Progress progress) {
        this.runs = runs;
        scratch = runs.resolve(".bench-" + ProcessHandle.current().pid());
        this.progress = progress;
    }

    /**
     * What was measured of a training.
     *
     * @param precision it computed in
     * @param stepSeconds of each round the median step
     * @param usefulFlops floating-point operations that the step cannot do without
     * @param peakGigaflops the rate of the matrix products of its precision, before
     */
    public record Result(Precision precision, Spread stepSeconds, double usefulFlops, double peakGigaflops) {
        /** The useful rate of the median step over that of the matrix products. */
        public double fractionOfPeak() {
            return usefulFlops / stepSeconds.median() / (peakGigaflops * 1e9);
        }
    }

    private static int rounds(int steps) {
        return (steps + STEPS - 1) / STEPS;
    }

    /**
     * Makes one more ready.
     *
     * @param name of its result, unlike those of the others
     * @param asked what to train, on the device of the others
     */
    public void add(String name, RunConfig asked) {
        RunConfig config = asked.forMachine();
        SequenceFormat sequences = Architectures.of(config.model()).sequences();
        PretrainingData its = data.computeIfAbsent(
                new DataKey(config.data(), config.tokenizer(), sequences, config.seed()),
                key -> PretrainingData.prepare(
                        key.data(), key.tokenizer(), sequences, key.seed(), RunFiles.cache(runs), progress));
        its.requireBatch(config.training().batchSize());
        Precision precision = config.training().precision();
        precisions.put(name, precision);
        peaks.computeIfAbsent(
                precision,
                one -> MatrixProductRate.gigaflopsPerSecond(config.devices().get(0), one, RATE_SECONDS));
        learners.put(
                name,
                new TimedLearner(
                        config,
                        config.devices(),
                        StepSize.of(
                                config.forTokenizer(its.tokenizer()).model(),
                                config.training(),
                                config.devices().size()),
                        its.batches(),
                        scratch.resolve(Integer.toString(learners.size()))));
    }

    /**
     * Measures all, in the order in which they were added.
     *
     * @param warmupSteps steps of each that are not timed, first
     * @param steps of each that are timed; both are rounded up to whole rounds of {@value #STEPS}
     */
    public Map<String, Result> measure(int warmupSteps, int steps) {
        int warmup = rounds(warmupSteps);
        int rounds = rounds(steps);
        for (int round = 0; round < warmup + rounds; round++) {
            List<TimedLearner> order = new ArrayList<>(learners.values());
            Collections.rotate(order, round);
            for (TimedLearner learner : order) {
                learner.turn(STEPS, round >= warmup);
            }
            progress.update("timing in turns", round + 1L, warmup + rounds, "rounds");
        }
        return results();
    }

    private Map<String, Result> results() {
        Map<String, Result> results = new LinkedHashMap<>();
        learners.forEach((name, learner) -> {
            Precision precision = precisions.get(name);
            results.put(
                    name, new Result(precision, learner.stepSeconds(), learner.usefulFlops(), peaks.get(precision)));
        });
        return results;
    }

    @Override
    public void close() {
        learners.values().forEach(TimedLearner::close);
        data.values().forEach(PretrainingData::close);
        ScratchFolder.delete(scratch);
    }
}
