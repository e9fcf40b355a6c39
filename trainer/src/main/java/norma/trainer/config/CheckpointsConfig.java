package norma.trainer.config;

import java.util.List;
import norma.datasets.base.InvalidInputException;

/**
 * When checkpoints are written and how many stay; step 0 and the last step always have one. A component that is null
 * takes its default.
 *
 * @param every optimiser steps from one checkpoint to the next
 * @param at further steps; these stay whatever {@code keep} says
 * @param keep all of them, or the newest few
 */
public record CheckpointsConfig(Integer every, List<Long> at, KeptCheckpoints keep) {
    private static final String GROUP = "checkpoints";

    public CheckpointsConfig {
        every = every == null ? 1000 : every;
        keep = keep == null ? KeptCheckpoints.ALL : keep;
        Requirement.atLeast(1, GROUP, "every", every);
        if (at == null) {
            at = List.of();
        }
        for (Long step : at) {
            if (step == null || step < 0) {
                throw InvalidInputException.of(GROUP, "at", step, "a list of steps of at least 0");
            }
        }
        at = at.stream().distinct().sorted().toList();
    }
}
