package norma.trainer.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.random.CounterHash;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.TaskKind;
import norma.trainer.architectures.Architectures;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Devices;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedFolder;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.reference.Comparison;
import norma.trainer.run.ResidentMemory;
import norma.trainer.step.ClassificationLearner;

/** What a device computes beside a CPU, but for pre-training: probes, fine-tuning; and what its reads leave behind. */
final class DeviceComparisons {
    private static final int ROWS = 8;
    private static final int LENGTH = 48;
    private static final int FINETUNING_STEPS = 10;
    private static final double LEARNING_RATE = 1e-3;
    private static final TaskKind KIND = new TaskKind.Classification(List.of("even", "odd"));

    private static final int READ_ELEMENTS = 1 << 18; // 1 MiB
    private static final int READS_BEFORE = 1_000; // Java's young generation is full of their copies then
    private static final int READS = 3_000;
    private static final double MOST_GROWTH = READS / 2.0; // MiB

    private DeviceComparisons() {}

    /** Largest relative difference of two series, element by element; NaN if there is one. */
    static double relative(List<Double> expected, List<Double> found) {
        double largest = 0;
        for (int i = 0; i < expected.size(); i++) {
            double difference = Math.abs(found.get(i) - expected.get(i)) / expected.get(i);
            largest = Double.isNaN(difference) ? Double.NaN : Math.max(largest, difference);
        }
        return largest;
    }

    /** Logits of a checkpoint as probes compute them, in float32, some rows padded. */
    static Comparison probes(Path checkpoint, Device device) {
        float[] expected = logits(checkpoint, Device.cpu());
        float[] found = logits(checkpoint, device);
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs((double) found[i] - expected[i]);
            largest = Double.isNaN(difference) ? Double.NaN : Math.max(largest, difference);
        }
        return new Comparison("logits of a probe beside the CPU's, the largest difference", largest, 1e-3);
    }

    private static float[] logits(Path checkpoint, Device device) {
        try (PretrainedModel model = PretrainedModel.open(checkpoint, device);
                BatchState state = model.advance(batch(model.config().vocabSize()), 0)) {
            return model.predictedLogits(state);
        }
    }

    /** The losses of a fine-tuning without dropout, beside the CPU's in float32. */
    static Comparison finetuning(ModelConfig model, Device device, Precision precision) {
        List<Double> expected = losses(model, Device.cpu(), Precision.FLOAT32);
        List<Double> found = losses(model, device, precision);
        return new Comparison(
                "loss of " + FINETUNING_STEPS
                        + " steps of fine-tuning beside the CPU's in float32, the largest relative" + " difference",
                relative(expected, found),
                DeviceCheck.tolerance(precision));
    }

    private static List<Double> losses(ModelConfig model, Device device, Precision precision) {
        Batch inputs = batch(model.vocabSize());
        LabelledBatch batch = new LabelledBatch(
                inputs,
                IntStream.range(0, ROWS).map(row -> row % 2).toArray(),
                new float[0],
                IntStream.range(0, ROWS).toArray());
        try (ClassificationLearner learner = ClassificationLearner.create(
                Architectures.of(model).classifier(model, KIND.outputs(), 1),
                KIND,
                new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1),
                new DecayGroups(false, false),
                1,
                device,
                precision)) {
            for (int step = 0; step < FINETUNING_STEPS; step++) {
                learner.step(step, List.of(batch), LEARNING_RATE);
            }
            return learner.outcomes().stream()
                    .map(ClassificationLearner.Outcome::loss)
                    .toList();
        }
    }

    /** Random tokens, every second row half as long, every sixth token predicted. */
    static Batch batch(int vocabulary) {
        long key = CounterHash.key(1, "device check");
        int[] ids = IntStream.range(0, ROWS * LENGTH)
                .map(i -> CounterHash.below(key, i, vocabulary))
                .toArray();
        int[] lengths = IntStream.range(0, ROWS)
                .map(row -> row % 2 == 0 ? LENGTH : LENGTH / 2)
                .toArray();
        int[] positions = IntStream.range(0, ids.length)
                .filter(i -> i % 6 == 2 && i % LENGTH < lengths[i / LENGTH])
                .toArray();
        int[] labels = Arrays.stream(positions).map(i -> ids[i]).toArray();
        return new Batch(ROWS, LENGTH, ids, new int[ids.length], lengths, positions, labels, null);
    }

    /**
     * How much memory of the machine many reads leave behind, in MiB; empty where the system does not tell.
     *
     * @param device which holds what is read
     */
    static Optional<Comparison> reads(Device device) {
        try (NDManager manager = Devices.engine().newBaseManager(device)) {
            NDArray array = manager.zeros(new Shape(READ_ELEMENTS));
            read(array, READS_BEFORE);
            OptionalLong before = ResidentMemory.bytes();
            read(array, READS);
            OptionalLong after = ResidentMemory.bytes();
            return before.isPresent() && after.isPresent()
                    ? Optional.of(new Comparison(
                            String.format("memory that %,d reads of 1 MiB from the device leave behind, in MiB", READS),
                            Math.max(0, after.getAsLong() - before.getAsLong()) / 0x1p20,
                            MOST_GROWTH))
                    : Optional.empty();
        }
    }

    private static void read(NDArray array, int times) {
        for (int i = 0; i < times; i++) {
            DeviceReads.copy(array);
        }
    }

    /** All that is compared once for a precision. */
    static List<Comparison> of(Path checkpoint, Device device, Precision precision) {
        List<Comparison> found = new ArrayList<>();
        found.add(finetuning(PretrainedFolder.config(checkpoint), device, precision));
        if (precision == Precision.FLOAT32) {
            found.add(probes(checkpoint, device));
            reads(device).ifPresent(found::add);
        }
        return found;
    }
}
