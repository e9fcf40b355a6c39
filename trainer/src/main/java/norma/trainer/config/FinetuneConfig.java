package norma.trainer.config;

import ai.djl.Device;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.OptionalInt;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.PathText;
import norma.trainer.device.Devices;
import norma.trainer.model.Precision;

/**
 * Everything that decides what a fine-tuning computes. A component that is null takes its default.
 *
 * @param checkpoint folder of the model that it starts from
 * @param task what is learnt
 * @param device {@code cpu}, {@code gpu} or {@code gpu:N}
 * @param precision of the matrix products of training steps; evaluation is in float32, beside tf32 in tf32
 * @param seed of the first fine-tuning: classifier, order, dropout; each further one has the next
 * @param seeds how many fine-tunings
 * @param epochs passes over the training examples
 * @param batchSize examples of an optimiser step
 * @param microBatchSize examples that are in memory together, in evaluation too; auto: as many as this machine has room
 *     for; null: all of the batch, or on a CPU the largest equal part of it whose activations take at most 2 GiB
 * @param maxLength tokens of an example at most, special ones counted; null: 128, or what the model can take if less
 * @param optimizer if left out AdamW, by default with a peak rate of 2e-5
 * @param warmupRatio share of the steps over which the rate rises from 0; then it falls in a straight line to 0
 * @param record LayerNorm recording
 * @param checkpointEvery steps from one checkpoint to the next, from which a stopped fine-tuning goes on
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record FinetuneConfig(
        String checkpoint,
        TaskConfig task,
        String device,
        Precision precision,
        Long seed,
        Integer seeds,
        Integer epochs,
        Integer batchSize,
        MicroBatchSize microBatchSize,
        Integer maxLength,
        OptimizerConfig optimizer,
        Double warmupRatio,
        RecordConfig record,
        Integer checkpointEvery) {
    /** The peak rate by default. */
    public static final double LEARNING_RATE = 2e-5;

    private static final String GROUP = "finetune";
    private static final String DEVICE = "device";

    public FinetuneConfig {
        Requirement.require(checkpoint != null, GROUP, "checkpoint", "none", "the folder of a checkpoint");
        PathText.require(GROUP, "checkpoint", checkpoint);
        Requirement.require(task != null, GROUP, "task", "none", "a task");
        device = device == null ? "cpu" : device;
        precision = precision == null ? Precision.FLOAT32 : precision;
        seed = seed == null ? 1L : seed;
        seeds = seeds == null ? 3 : seeds;
        epochs = epochs == null ? 3 : epochs;
        batchSize = batchSize == null ? 32 : batchSize;
        optimizer = optimizer == null ? OptimizerConfig.adamW(LEARNING_RATE, null, null) : optimizer;
        warmupRatio = warmupRatio == null ? 0.1 : warmupRatio;
        record = record == null ? new RecordConfig(null) : record;
        checkpointEvery = checkpointEvery == null ? 500 : checkpointEvery;
        Requirement.require(device.matches("cpu|gpu(:\\d{1,4})?"), GROUP, DEVICE, device, "cpu, gpu or gpu:N");
        Requirement.require(seeds >= 1 && seeds <= 1000, GROUP, "seeds", seeds, "a whole number from 1 to 1000");
        Requirement.atLeast(1, GROUP, "epochs", epochs);
        Requirement.require(
                batchSize >= 1 && batchSize <= 1 << 20, GROUP, "batch_size", batchSize, "a whole number of at least 1");
        Requirement.fraction(GROUP, "warmup_ratio", warmupRatio);
        Requirement.atLeast(1, GROUP, "checkpoint_every", checkpointEvery);
        if (maxLength != null) {
            Requirement.atLeast(3, GROUP, "max_length", maxLength);
        }
    }

    /**
     * The device to train on, with libtorch made ready for the precision; see {@link RunConfig#devices}.
     *
     * @throws InvalidInputException if this machine lacks it
     */
    public Device torchDevice() {
        if (precision == Precision.TF32) {
            Devices.allowTf32();
        }
        try {
            return Devices.parse(device);
        } catch (InvalidInputException e) {
            throw e.source().equals(InvalidInputException.SETTINGS) ? e.at(GROUP, DEVICE) : e;
        }
    }

    /**
     * This configuration for this machine: of the precisions that it leaves open the one that is faster here.
     *
     * @throws InvalidInputException if it asks a CPU for bf16 that has no instructions for it
     */
    public FinetuneConfig forMachine() {
        return with(MachinePrecision.of(GROUP, "precision", precision, device, ""), microBatchSize, maxLength);
    }

    /**
     * This configuration for a model.
     *
     * @param positions the longest sequence that it can take
     * @throws InvalidInputException if a longer one is asked for
     */
    public FinetuneConfig forPositions(int positions) {
        return forPositions(positions, OptionalInt.empty());
    }

    /**
     * The same, where the tokenizer's settings say what it is for: without a {@code max_length} texts are cut there.
     *
     * @param tokenizerLimit its {@code model_max_length}
     */
    public FinetuneConfig forPositions(int positions, OptionalInt tokenizerLimit) {
        int fitted =
                maxLength == null ? Math.min(128, Math.min(positions, tokenizerLimit.orElse(positions))) : maxLength;
        Requirement.require(
                fitted <= positions,
                GROUP,
                "max_length",
                fitted,
                "at most " + positions + ", the longest sequence of " + checkpoint);
        return with(precision, microBatchSize, fitted);
    }

    /** The same with a number of examples in memory. */
    public FinetuneConfig withMicroBatchSize(MicroBatchSize other) {
        return with(precision, other, maxLength);
    }

    private FinetuneConfig with(Precision otherPrecision, MicroBatchSize otherMicroBatch, Integer otherLength) {
        return new FinetuneConfig(
                checkpoint,
                task,
                device,
                otherPrecision,
                seed,
                seeds,
                epochs,
                batchSize,
                otherMicroBatch,
                otherLength,
                optimizer,
                warmupRatio,
                record,
                checkpointEvery);
    }
}
