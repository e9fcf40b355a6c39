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
 * @param warmupRatio the same as a share of the run's steps, rounded up; instead of {@code warmupSteps}
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ScheduleConfig(Type type, Long warmupSteps, Double warmupRatio) {
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
        if (warmupSteps != null) {
            Requirement.atLeast(0, "schedule", "warmup_steps", warmupSteps);
            Requirement.require(
                    warmupRatio == null,
                    "schedule",
                    "warmup_ratio",
                    warmupRatio,
                    "nothing beside warmup_steps (" + warmupSteps + ")");
        }
        if (warmupRatio != null) {
            Requirement.fraction("schedule", "warmup_ratio", warmupRatio);
        }
    }

    /** The same with the warm-up in steps, for a run of so many. */
    ScheduleConfig forSteps(long steps) {
        if (warmupSteps != null) {
            return this;
        }
        long warmup = warmupRatio == null ? 0 : (long) Math.ceil(warmupRatio * steps);
        return new ScheduleConfig(type, warmup, null);
    }
}
