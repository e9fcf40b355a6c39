package norma.trainer.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.random.CounterHash;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfig;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.StepClock;
import norma.trainer.step.Learner;
import norma.trainer.step.PretrainingLearner;

/**
 * How long a step's call takes, and how long the device needs for the step: on a GPU the first is the time of its
 * launches, unless something in the step waits for the device. Medians, in seconds.
 *
 * @param launched until the call has come back
 * @param done until the device has done what it was given
 */
public record LaunchTime(double launched, double done) {
    private static final int WARMUP = 5;
    private static final int STEPS = 10;
    private static final int SPACING = 7; // every seventh token is predicted

    /** Of a configuration whose vocabulary is known; the device is idle when each step begins. */
    static LaunchTime of(RunConfig config) {
        ModelConfig model = config.model();
        Batch batch = batch(config.training().batchSize(), config.data().sequenceLength(), model.vocabSize());
        List<Double> launched = new ArrayList<>();
        List<Double> done = new ArrayList<>();
        try (PretrainingLearner learner = PretrainingLearner.create(
                () -> Architectures.of(model).pretraining(model, config.data().toObjective(), config.seed()),
                config.optimizer().settings(),
                config.optimizer().decayGroups(),
                config.seed(),
                config.devices().subList(0, 1),
                config.training().precision(),
                StepClock.OFF)) {
            for (int step = 0; step < WARMUP + STEPS; step++) {
                long start = System.nanoTime();
                Learner.StepResult result = learner.step(step, List.of(batch), 1e-4);
                long called = System.nanoTime();
                result.outcome();
                long end = System.nanoTime();
                if (step >= WARMUP) {
                    launched.add((called - start) / 1e9);
                    done.add((end - start) / 1e9);
                }
            }
        }
        return new LaunchTime(Spread.of(launched).median(), Spread.of(done).median());
    }

    private static Batch batch(int rows, int length, int vocabulary) {
        long key = CounterHash.key(1, "launch time");
        int[] ids = IntStream.range(0, rows * length)
                .map(i -> CounterHash.below(key, i, vocabulary))
                .toArray();
        int[] lengths = IntStream.generate(() -> length).limit(rows).toArray();
        int[] positions =
                IntStream.range(0, ids.length / SPACING).map(i -> i * SPACING).toArray();
        int[] labels = IntStream.of(positions).map(i -> ids[i]).toArray();
        return new Batch(rows, length, ids, new int[ids.length], lengths, positions, labels, null);
    }
}
