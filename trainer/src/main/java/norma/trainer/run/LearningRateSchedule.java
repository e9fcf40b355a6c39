package norma.trainer.run;

import norma.trainer.config.ScheduleConfig;

/**
 * The learning rate as a multiple of its peak, as Hugging Face's {@code get_linear_schedule_with_warmup},
 * {@code get_cosine_schedule_with_warmup} and {@code get_constant_schedule_with_warmup} define it.
 */
public sealed interface LearningRateSchedule {
    /**
     * The multiple for the update that takes step s to s + 1; the first one has s = 0.
     *
     * @return in [0, 1]
     */
    double at(long step);

    /** Rises over the warm-up, then falls in a straight line to 0 at the end. */
    record Linear(long warmupSteps, long steps) implements LearningRateSchedule {
        @Override
        public double at(long step) {
            return step < warmupSteps
                    ? (double) step / warmupSteps
                    : Math.max(0, (double) (steps - step) / Math.max(1, steps - warmupSteps));
        }
    }

    /** Rises over the warm-up, then falls along half a cosine to 0 at the end. */
    record Cosine(long warmupSteps, long steps) implements LearningRateSchedule {
        @Override
        public double at(long step) {
            if (step < warmupSteps) {
                return (double) step / warmupSteps;
            }
            double progress = (double) (step - warmupSteps) / Math.max(1, steps - warmupSteps);
            return Math.max(0, 0.5 * (1 + StrictMath.cos(Math.PI * progress)));
        }
    }

    /** Rises over the warm-up, then stays. */
    record Constant(long warmupSteps) implements LearningRateSchedule {
        @Override
        public double at(long step) {
            return step < warmupSteps ? (double) step / warmupSteps : 1;
        }
    }

    /** The schedule that a configuration names, for a run of so many steps. */
    static LearningRateSchedule of(ScheduleConfig config, long steps) {
        return switch (config.type()) {
            case LINEAR -> new Linear(config.warmupSteps(), steps);
            case COSINE -> new Cosine(config.warmupSteps(), steps);
            case CONSTANT -> new Constant(config.warmupSteps());
        };
    }
}
