package norma.trainer.config;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import norma.datasets.base.InvalidInputException;

/**
 * When checkpoints are written and how many stay; step 0 and the last step always have one. A component that is null
 * takes its default.
 *
 * @param every optimiser steps from one checkpoint to the next
 * @param at further steps; these stay whatever {@code keep} says
 * @param log how many further steps in each decade, the whole numbers nearest to 10^(k / log), k = 0, 1, 2, …: for log
 *     3 1, 2, 5, 10, 22, 46, 100, …; these stay too. Null for none
 * @param keep all of them, or the newest few
 */
public record CheckpointsConfig(Integer every, List<Long> at, Integer log, KeptCheckpoints keep) {
    private static final String GROUP = "checkpoints";
    private static final int MOST_IN_A_DECADE = 100;

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
        if (log != null && (log < 1 || log > MOST_IN_A_DECADE)) {
            throw InvalidInputException.of(GROUP, "log", log, "1 to " + MOST_IN_A_DECADE + " checkpoints in a decade");
        }
    }

    /**
     * Whether a step of a run has a checkpoint.
     *
     * @param steps of the whole run
     */
    public boolean isDue(long step, long steps) {
        return step == 0 || step == steps || step % every == 0 || at.contains(step) || isOnGrid(step);
    }

    /**
     * The steps, up to a run's last, whose checkpoints stay whatever {@code keep} says.
     *
     * @param steps of the whole run
     */
    public SortedSet<Long> staying(long steps) {
        SortedSet<Long> staying = new TreeSet<>(at);
        for (int k = 0; log != null && onGrid(k) <= steps; k++) {
            staying.add(onGrid(k));
        }
        return staying.headSet(steps + 1);
    }

    /** The nearest k to the step's logarithm, or a neighbour of it, gives the step if any does. */
    private boolean isOnGrid(long step) {
        if (log == null || step < 1) {
            return false;
        }
        long k = Math.round(log * Math.log10((double) step));
        return onGrid(k - 1) == step || onGrid(k) == step || onGrid(k + 1) == step;
    }

    private long onGrid(long k) {
        return Math.round(Math.pow(10, (double) k / log));
    }
}
