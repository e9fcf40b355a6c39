package norma.trainer.pretraining;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.batches.HiddenTokens;
import norma.datasets.objectives.MaskedLm;
import norma.datasets.objectives.Objective;
import norma.datasets.random.CounterHash;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.model.StepClock;
import norma.trainer.run.ResidentMemory;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.step.NetworkTensors;
import norma.trainer.step.PretrainingLearner;

/**
 * A process of its own that takes a few steps of a configuration on random tokens, evaluates, copies what a checkpoint
 * holds, and prints the estimate of its memory and the most that it has held, in bytes.
 */
final class MeasuredTraining {
    private static final int STEPS = 4;
    private static final double LEARNING_RATE = 1e-4;

    private MeasuredTraining() {}

    /** The configuration's file, then settings; they have to say {@code model.vocab_size} and the ids of tokens. */
    public static void main(String[] arguments) {
        RunConfig config = RunConfigYaml.read(
                Path.of(arguments[0]), Arrays.asList(arguments).subList(1, arguments.length));
        List<Device> devices = config.devices();
        double estimate = new MemoryEstimate(config, devices)
                .bytes(config.training().microBatchSize().rows());
        List<Batch> micro = IntStream.range(
                        0,
                        config.training().batchSize()
                                / config.training().microBatchSize().rows())
                .mapToObj(part -> batch(config, part))
                .toList();
        try (PretrainingLearner learner = PretrainingLearner.create(
                () -> Architectures.of(config.model())
                        .pretraining(config.model(), config.data().toObjective(), config.seed()),
                config.optimizer().settings(),
                config.optimizer().decayGroups(),
                config.seed(),
                devices,
                config.training().precision(),
                StepClock.OFF)) {
            for (int step = 0; step < STEPS; step++) {
                learner.step(step, micro, LEARNING_RATE).outcome();
            }
            learner.evaluate(micro.subList(0, 1));
            for (NetworkTensors network : learner.tensors().values()) { // as a checkpoint does
                network.weights().values().forEach(HostTensor::notFinite);
                network.optimizerState().values().forEach(HostTensor::notFinite);
            }
        }
        System.out.printf("%.0f %d%n", estimate, ResidentMemory.peakBytes().orElseThrow());
    }

    /** Full rows of random tokens, of which as many are predicted as the objective predicts. */
    private static Batch batch(RunConfig config, int part) {
        int rows = config.training().microBatchSize().rows();
        int length = config.data().sequenceLength();
        int vocabulary = config.model().vocabSize();
        Objective objective = config.data().toObjective();
        double share = objective.masks().map(MaskedLm::probability).orElse(1.0);
        long key = CounterHash.key(part, "measured");
        int[] ids = IntStream.range(0, rows * length)
                .map(i -> CounterHash.below(key, i, vocabulary))
                .toArray();
        int[] positions = IntStream.range(0, ids.length)
                .filter(i -> i % length < length - 1)
                .filter(i -> objective.hidesByOrder()
                        ? i % length % 6 == 0
                        : CounterHash.uniform(key, ids.length + i) < share)
                .toArray();
        int[] labels = Arrays.stream(positions).map(i -> ids[i + 1]).toArray();
        int[] lengths = new int[rows];
        Arrays.fill(lengths, length);
        Batch batch = new Batch(rows, length, ids, new int[ids.length], lengths, positions, labels, new int[rows]);
        return objective.hidesByOrder() ? batch.hiding(HiddenTokens.fromAll(length, positions)) : batch;
    }
}
