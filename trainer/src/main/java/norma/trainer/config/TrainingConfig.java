package norma.trainer.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * How long and in what portions the model is trained; a component that is null takes its default.
 *
 * @param steps optimiser steps of the whole run
 * @param batchSize sequences of one optimiser step
 * @param microBatchSize sequences that are in memory at once; divides {@code batchSize}, which is its default.
 *     Gradients are accumulated over the micro-batches
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record TrainingConfig(Long steps, Integer batchSize, Integer microBatchSize) {
    private static final String GROUP = "training";

    public TrainingConfig {
        steps = steps == null ? 1000L : steps;
        batchSize = batchSize == null ? 32 : batchSize;
        microBatchSize = microBatchSize == null ? batchSize : microBatchSize;
        Requirement.atLeast(1, GROUP, "steps", steps);
        Requirement.atLeast(1, GROUP, "batch_size", batchSize);
        Requirement.atLeast(1, GROUP, "micro_batch_size", microBatchSize);
        Requirement.require(
                batchSize % microBatchSize == 0,
                GROUP,
                "micro_batch_size",
                microBatchSize,
                "a divisor of batch_size (" + batchSize + ")");
    }
}
