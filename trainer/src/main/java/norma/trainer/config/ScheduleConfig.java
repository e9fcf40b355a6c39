package norma.trainer.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * The learning rate over the run, as Hugging Face's schedules of the same names define it; a component that is null
 * takes its default.
 *
 * @param type what follows the warm-up
 * @param warmupSteps optimiser steps over which the rate rises linearly from 0 to its peak
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ScheduleConfig(Type type, Long warmupSteps) {
    /** The shapes after the warm-up. */
    public enum Type {
        /** Falls in a straight line to 0 at the run's last step. */
        @JsonProperty("linear")
        LINEAR,
        /** Falls along half a cosine to 0 at the run's last step. */
        @JsonProperty("cosine")
        COSINE,
        /** Stays at its peak. */
        @JsonProperty("constant")
        CONSTANT
    }

    public ScheduleConfig {
        type = type == null ? Type.LINEAR : type;
        warmupSteps = warmupSteps == null ? 0L : warmupSteps;
        Requirement.atLeast(0, "schedule", "warmup_steps", warmupSteps);
    }
}
