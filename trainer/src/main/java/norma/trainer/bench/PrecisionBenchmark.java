package norma.trainer.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.Progress;
import norma.datasets.pretraining.PretrainingData;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfig;
import norma.trainer.model.Precision;
import norma.trainer.run.RunFiles;

/**
 * One training step in several precisions: a learner for each takes turns with the others within one process, in rounds
 * that each begin with another, so that a change of the machine's speed meets all alike. A step is a run's, with its
 * batch, dropout masks, clipping, optimiser and recording, without logging, evaluation and checkpoints.
 */
public final class PrecisionBenchmark {
    private static final int STEPS = 4; // timed, of a turn
    private static final double RATE_SECONDS = 2;

    private PrecisionBenchmark() {}

    /**
     * What was measured of a precision.
     *
     * @param stepSeconds of each round the median step
     * @param usefulFlops floating-point operations that the step cannot do without
     * @param peakGigaflops the rate of its matrix products, before
     */
    public record Result(Spread stepSeconds, double usefulFlops, double peakGigaflops) {
        /** The useful rate of the median step over that of the matrix products. */
        public double fractionOfPeak() {
            return usefulFlops / stepSeconds.median() / (peakGigaflops * 1e9);
        }
    }

    /**
     * Measures.
     *
     * @param configs the same but for their precisions
     * @param runs folder of the prepared data, and of recordings that are deleted afterwards
     * @param warmup steps of each that are not timed, first
     * @param steps of each that are timed; both are rounded up to whole rounds of {@value #STEPS}
     */
    public static Map<Precision, Result> run(
            List<RunConfig> configs, Path runs, int warmup, int steps, Progress progress) {
        List<RunConfig> all = configs.stream().map(RunConfig::forMachine).toList();
        RunConfig first = all.get(0);
        Path scratch = runs.resolve(".bench-" + ProcessHandle.current().pid());
        Map<Precision, TimedLearner> learners = new LinkedHashMap<>();
        try (PretrainingData data = PretrainingData.prepare(
                first.data(),
                first.tokenizer(),
                Architectures.of(first.model()).sequences(),
                first.seed(),
                RunFiles.cache(runs),
                progress)) {
            data.requireBatch(first.training().batchSize());
            Map<Precision, Double> peaks = new LinkedHashMap<>();
            try {
                for (RunConfig config : all) {
                    Precision precision = config.training().precision();
                    peaks.put(
                            precision,
                            MatrixProductRate.gigaflopsPerSecond(
                                    config.devices().get(0), precision, RATE_SECONDS));
                    learners.computeIfAbsent(
                            precision,
                            one -> new TimedLearner(
                                    config,
                                    config.devices(),
                                    StepSize.of(
                                            config.forTokenizer(data.tokenizer())
                                                    .model(),
                                            config.training(),
                                            config.devices().size()),
                                    data.batches(),
                                    scratch.resolve(one.toString())));
                }
                measure(List.copyOf(learners.values()), rounds(warmup), rounds(steps), progress);
                Map<Precision, Result> results = new LinkedHashMap<>();
                learners.forEach((precision, learner) -> results.put(
                        precision, new Result(learner.stepSeconds(), learner.usefulFlops(), peaks.get(precision))));
                return results;
            } finally {
                learners.values().forEach(TimedLearner::close);
            }
        } finally {
            ScratchFolder.delete(scratch);
        }
    }

    private static int rounds(int steps) {
        return (steps + STEPS - 1) / STEPS;
    }

    private static void measure(List<TimedLearner> learners, int warmup, int rounds, Progress progress) {
        for (int round = 0; round < warmup + rounds; round++) {
            List<TimedLearner> order = new ArrayList<>(learners);
            Collections.rotate(order, round);
            for (TimedLearner learner : order) {
                learner.turn(STEPS, round >= warmup);
            }
            progress.update("timing precisions in turns", round + 1L, warmup + rounds, "rounds");
        }
    }
}
