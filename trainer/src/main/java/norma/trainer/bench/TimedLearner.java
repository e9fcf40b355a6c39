package norma.trainer.bench;

import ai.djl.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.batches.Batch;
import norma.datasets.batches.BatchSource;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfig;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.StepClock;
import norma.trainer.run.ModelMemory;
import norma.trainer.run.RunFiles;
import norma.trainer.step.Learner;
import norma.trainer.step.PretrainingLearner;

/** A model of some size that trains on a run's batches and records its LayerNorms, one timed step after the other. */
final class TimedLearner implements AutoCloseable {
    private static final double LEARNING_RATE = 1e-5; // the time does not depend on it

    private final RunConfig config;
    private final StepSize size;
    private final BatchSource batches;
    private final PretrainingLearner learner;
    private final LayerNormRecorder recorder;
    private final List<Double> seconds = new ArrayList<>();
    private long step;
    private long timedSteps;
    private long predictions;

    /**
     * A model with fresh weights.
     *
     * @param config everything but the size
     * @param devices the configuration's
     * @param folder of the recording, made here
     */
    TimedLearner(RunConfig config, List<Device> devices, StepSize size, BatchSource batches, Path folder) {
        this.config = config;
        this.size = size;
        this.batches = batches;
        ModelMemory.require(size.model(), devices);
        learner = PretrainingLearner.create(
                () -> Architectures.of(size.model())
                        .pretraining(size.model(), config.data().toObjective(), config.seed()),
                config.optimizer().settings(),
                config.optimizer().decayGroups(),
                config.seed(),
                devices,
                config.training().precision(),
                StepClock.OFF);
        try {
            Files.createDirectories(folder);
            recorder = LayerNormRecorder.open(
                    new RunFiles(folder).layerNorms(),
                    new SnapshotLayout(learner.layerNormSites()),
                    config.record().every(),
                    false);
        } catch (IOException e) {
            learner.close();
            throw new UncheckedIOException("the folder " + folder + " cannot be written", e);
        } catch (RuntimeException e) {
            learner.close();
            throw e;
        }
        recorder.record(0, learner.layerNorms());
    }

    /** One step that is not timed, for the caches, and so many that are; their median counts as one measurement. */
    void turn(int steps, boolean counts) {
        step();
        List<Double> timed = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            long start = System.nanoTime();
            int predicted = step();
            timed.add((System.nanoTime() - start) / 1e9);
            if (counts) {
                predictions += predicted;
                timedSteps++;
            }
        }
        if (counts) {
            seconds.add(Spread.of(timed).median());
        }
    }

    private int step() {
        List<Batch> micro = new ArrayList<>();
        for (int row = 0; row < size.rows(); row += size.microRows()) {
            micro.add(batches.trainingBatch(step * size.rows() + row, size.microRows()));
        }
        Learner.Outcome outcome = learner.step(step, micro, LEARNING_RATE).outcome();
        step++;
        if (recorder.records(step)) {
            recorder.record(step, learner.layerNorms());
        }
        return outcome.predictions();
    }

    /** Seconds of a step: of each turn that counts the median. */
    Spread stepSeconds() {
        return Spread.of(seconds);
    }

    /** Useful floating-point operations of a step, for the mean number of predicted positions. */
    double usefulFlops() {
        return UsefulFlops.of(
                size.model(),
                size.rows(),
                config.data().sequenceLength(),
                Math.round((double) predictions / timedSteps),
                config.data().nextSentence());
    }

    @Override
    public void close() {
        try (learner) {
            recorder.close();
        }
    }
}
