package norma.trainer.bench;

import ai.djl.Device;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import norma.datasets.objectives.Objective;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.CheckpointsConfig;
import norma.trainer.config.EvaluationConfig;
import norma.trainer.config.KeptCheckpoints;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.config.ScheduleConfig;
import norma.trainer.config.TrainingConfig;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.pretraining.Pretraining;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.step.Learner;

/**
 * Times the steps of a real run, in a folder that is deleted afterwards: batches, masks, dropout, clipping, optimiser,
 * recording and logging as the configuration says; evaluation and checkpoints between the timed steps left out. The
 * matrix-product rate is measured in the same process just before and just after.
 */
public final class StepBenchmark {
    private static final double RATE_SECONDS = 2;
    private static final String RECORDER_THREAD = "layernorm-recorder";

    private StepBenchmark() {}

    /**
     * What was measured.
     *
     * @param model what was trained
     * @param parameters numbers that are trained; without the next-sentence head where nothing trains that
     * @param steps timed
     * @param stepSeconds minimum, median, maximum; where the loss is not looked at after every step, of the means
     *     between two looks
     * @param gigaflops useful rate of the median step
     * @param peakBefore matrix-product rate before, in GFLOP/s
     * @param peakAfter and after
     * @param fractionOfPeak rate of the median step over the mean of the two
     * @param fractionOfPeakMin the same of the slowest step
     * @param fractionOfPeakMax the same of the fastest step
     * @param predictionsPerStep mean number of masked positions of a step's batch
     * @param tokensPerSecond of the median step
     * @param recorderShare of the time: snapshots and hand-over on the training thread, and all that the background
     *     thread computes
     * @param batchShare of the time: waiting until the step's batch is made
     * @param partSeconds mean seconds per step of each part
     */
    public record Result(
            ModelConfig model,
            long parameters,
            int steps,
            Spread stepSeconds,
            double gigaflops,
            double peakBefore,
            double peakAfter,
            double fractionOfPeak,
            double fractionOfPeakMin,
            double fractionOfPeakMax,
            double predictionsPerStep,
            double tokensPerSecond,
            double recorderShare,
            double batchShare,
            Map<StepClock.Part, Double> partSeconds) {}

    /**
     * Measures.
     *
     * @param asked what to train
     * @param runs folder for the run and the prepared data
     * @param warmup steps that are not timed, first
     * @param steps that are timed
     * @param listener told of the preparation
     */
    public static Result run(RunConfig asked, Path runs, int warmup, int steps, RunListener listener) {
        RunConfig config = asked.forMachine();
        Device device = config.devices().get(0);
        Precision precision = config.training().precision();
        String name = ".bench-" + ProcessHandle.current().pid();
        RunConfig timed = timed(config, warmup + steps);
        Timer timer = new Timer(listener, warmup, warmup + steps);
        timer.peakBefore = MatrixProductRate.gigaflopsPerSecond(device, precision, RATE_SECONDS);
        ModelConfig model;
        try {
            new Pretraining(new StopRequest(), timer).start(timed, runs, name, true);
            model = RunConfigYaml.read(new RunFiles(runs.resolve(name)).config(), List.of())
                    .model();
        } finally {
            ScratchFolder.delete(runs.resolve(name));
        }
        double peakAfter = MatrixProductRate.gigaflopsPerSecond(device, precision, RATE_SECONDS);
        return result(timed, model, timer, peakAfter);
    }

    private static RunConfig timed(RunConfig config, long steps) {
        return new RunConfig(
                config.seed(),
                config.device(),
                config.data(),
                config.tokenizer(),
                config.model(),
                new TrainingConfig(
                        steps + 1,
                        config.training().batchSize(),
                        config.training().microBatchSize(),
                        config.training().precision(),
                        config.training().emulateBf16(),
                        config.training().checkEvery()),
                config.optimizer(),
                new ScheduleConfig(config.schedule().type(), 0L, null),
                null,
                config.record(),
                config.logging(),
                new EvaluationConfig(Integer.MAX_VALUE, 1),
                new CheckpointsConfig(Integer.MAX_VALUE, List.of(), null, KeptCheckpoints.ALL));
    }

    private static Result result(RunConfig config, ModelConfig model, Timer timer, double peakAfter) {
        double peak = (timer.peakBefore + peakAfter) / 2 * 1e9;
        int rows = config.training().batchSize();
        int length = config.data().sequenceLength();
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < timer.seconds.size(); i++) {
            double flops = UsefulFlops.of(
                    model, rows, length, timer.predictions.get(i), config.data().nextSentence());
            rates.add(flops / timer.seconds.get(i));
        }
        Spread seconds = Spread.of(timer.seconds);
        Spread rate = Spread.of(rates);
        double total = timer.total;
        Map<StepClock.Part, Double> parts = new EnumMap<>(StepClock.Part.class);
        timer.parts.forEach((part, nanos) -> parts.put(part, nanos / 1e9 / timer.timed));
        double recording = timer.parts.getOrDefault(StepClock.Part.RECORDING, 0L) + (double) timer.recorderNanos;
        return new Result(
                model,
                parameters(model, config.data().toObjective()),
                timer.timed,
                seconds,
                rate.median() / 1e9,
                timer.peakBefore,
                peakAfter,
                rate.median() / peak,
                rate.min() / peak,
                rate.max() / peak,
                timer.predictions.stream().mapToInt(n -> n).average().orElseThrow(),
                (double) rows * length / seconds.median(),
                recording / 1e9 / total,
                timer.parts.getOrDefault(StepClock.Part.BATCH, 0L) / 1e9 / total,
                parts);
    }

    /** Parameters that a step trains. */
    static long parameters(ModelConfig config, Objective objective) {
        PretrainingModel model = Architectures.of(config).pretraining(config, objective, 0);
        return model.networks().values().stream()
                .flatMap(network -> network.parameters().stream())
                .distinct()
                .filter(parameter -> !model.untrained().contains(parameter))
                .mapToLong(parameter -> parameter.getShape().size())
                .sum();
    }

    /** Keeps the times of the steps that count. */
    private static final class Timer implements RunListener, StepClock {
        private final RunListener listener;
        private final int from;
        private final int to;
        private final List<Double> seconds = new ArrayList<>();
        private final List<Integer> predictions = new ArrayList<>();
        private final Map<StepClock.Part, Long> parts = new EnumMap<>(StepClock.Part.class);
        private StepClock.Part current = StepClock.Part.REST;
        private long since = System.nanoTime();
        private boolean counting;
        private int timed;
        private double total;
        private double peakBefore;
        private long recorderStart;
        private long recorderNanos;

        Timer(RunListener listener, int from, int to) {
            this.listener = listener;
            this.from = from;
            this.to = to;
        }

        @Override
        public void update(String stage, long done, long total, String unit) {
            listener.update(stage, done, total, unit);
        }

        @Override
        public void step(long step, long steps, Learner.Outcome outcome, int taken, double elapsed) {
            listener.update("timing steps", step, to, "steps");
            if (counting) {
                seconds.add(elapsed);
                predictions.add(outcome.predictions());
                timed += taken;
                total += elapsed * taken;
            }
            boolean counted = counting;
            counting = step >= from && step < to;
            if (counting && !counted) {
                recorderStart = recorderCpu();
            } else if (counted && !counting) {
                recorderNanos = recorderCpu() - recorderStart;
            }
        }

        @Override
        public StepClock clock() {
            return this;
        }

        @Override
        public void enter(StepClock.Part part) {
            long now = System.nanoTime();
            if (counting) {
                parts.merge(current, now - since, Long::sum);
            }
            current = part;
            since = now;
        }

        private static long recorderCpu() {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            for (ThreadInfo info : threads.getThreadInfo(threads.getAllThreadIds())) {
                if (info != null && info.getThreadName().equals(RECORDER_THREAD)) {
                    return threads.getThreadCpuTime(info.getThreadId());
                }
            }
            return 0;
        }
    }
}
