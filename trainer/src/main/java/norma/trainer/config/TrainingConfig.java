package norma.trainer.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import norma.trainer.model.Precision;

/**
 * How long and in what portions the model is trained; a component that is null takes its default.
 *
 * @param steps optimiser steps of the whole run
 * @param batchSize sequences of one optimiser step
 * @param microBatchSize sequences that are in memory at once, in evaluation too; divides {@code batchSize}, which is
 *     its default. Gradients are accumulated over the micro-batches. {@code auto} is the largest that the machine has
 *     room for, which the run's own configuration then says
 * @param precision precision of the matrix products; {@code auto} is the faster of float32 and bf16 on this machine
 * @param emulateBf16 whether bf16 is also taken where the CPU has no instructions for it
 * @param checkEvery steps from one look at the loss to the next, at which a run that diverged is stopped. A look waits
 *     for the device, so by default it is every step on a CPU and every logged step on a GPU
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record TrainingConfig(
        Long steps,
        Integer batchSize,
        MicroBatchSize microBatchSize,
        Precision precision,
        Boolean emulateBf16,
        Integer checkEvery) {
    /** The steps of a recording are held in one Java array. */
    private static final long MOST_STEPS = 1_000_000_000;

    private static final String GROUP = "training";

    public TrainingConfig {
        steps = steps == null ? 1000L : steps;
        batchSize = batchSize == null ? 32 : batchSize;
        precision = precision == null ? Precision.FLOAT32 : precision;
        emulateBf16 = emulateBf16 != null && emulateBf16;
        Requirement.require(
                steps >= 1 && steps <= MOST_STEPS,
                GROUP,
                "steps",
                steps,
                "a whole number of at least 1 and at most " + MOST_STEPS);
        Requirement.atLeast(1, GROUP, "batch_size", batchSize);
        if (microBatchSize != null && !microBatchSize.isAuto()) {
            Requirement.require(
                    batchSize % microBatchSize.rows() == 0,
                    GROUP,
                    "micro_batch_size",
                    microBatchSize.rows(),
                    "a divisor of batch_size (" + batchSize + ")");
        }
        if (checkEvery != null) {
            Requirement.atLeast(1, GROUP, "check_every", checkEvery);
        }
    }

    /**
     * The same with what depends on the devices.
     *
     * @param replicas of the model, one on each device; each takes an equal share of a batch's micro-batches
     * @param checked steps from one look at the loss to the next, if that was left out
     */
    TrainingConfig forDevices(int replicas, int checked) {
        Requirement.require(
                batchSize % replicas == 0,
                "config",
                "training.batch_size",
                batchSize,
                "a multiple of the number of devices (" + replicas + ")");
        int share = batchSize / replicas;
        MicroBatchSize micro = microBatchSize == null ? new MicroBatchSize(share) : microBatchSize;
        Requirement.require(
                micro.isAuto() || share % micro.rows() == 0,
                "config",
                "training.micro_batch_size",
                micro.number(),
                "a divisor of training.batch_size (" + batchSize + ") divided by the number of devices (" + replicas
                        + ")");
        return new TrainingConfig(
                steps, batchSize, micro, precision, emulateBf16, checkEvery == null ? checked : checkEvery);
    }

    /** The same in another precision. */
    TrainingConfig with(Precision other) {
        return new TrainingConfig(steps, batchSize, microBatchSize, other, emulateBf16, checkEvery);
    }

    /** The same with so many sequences in memory at once. */
    TrainingConfig withMicroBatchSize(MicroBatchSize micro) {
        return new TrainingConfig(steps, batchSize, micro, precision, emulateBf16, checkEvery);
    }
}
