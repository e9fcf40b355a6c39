package norma.trainer.pretraining;

import norma.trainer.config.RunConfig;

/**
 * At which steps of a pre-training what is due. Step 0 is the state before any update.
 *
 * @param config the run's
 */
record DueSteps(RunConfig config) {
    /**
     * TensorBoard's histograms and picture are written at no more steps than this, however often a run is evaluated.
     */
    static final int MOST_DRAWN = 25;

    private long last() {
        return config.training().steps();
    }

    /** Whether the model is evaluated. */
    boolean evaluation(long step) {
        return step == 0 || step == last() || step % config.evaluation().every() == 0;
    }

    /** Whether metrics.jsonl gets a line. */
    boolean line(long step) {
        return evaluation(step) || step % config.logging().every() == 0;
    }

    /** The last step at or before one with a line in metrics.jsonl; -1 before the first. */
    long lastLine(long step) {
        long last = step;
        while (last >= 0 && !line(last)) {
            last--;
        }
        return last;
    }

    /** Whether a checkpoint is written. */
    boolean checkpoint(long step) {
        return config.checkpoints().isDue(step, last());
    }

    /**
     * Whether TensorBoard gets histograms and a picture: at every evaluation of a run that has at most
     * {@link #MOST_DRAWN} of them, else at every second, third, … of them, and at the last step.
     */
    boolean drawn(long step) {
        long every = config.evaluation().every();
        long evaluations = last() / every + 1; // without one at a last step that is no multiple
        long stride = (evaluations + MOST_DRAWN - 2) / (MOST_DRAWN - 1);
        return step == last() || step % (every * stride) == 0;
    }

    /** Whether the loss is looked at. */
    boolean check(long step) {
        return step % config.training().checkEvery() == 0 || line(step) || checkpoint(step);
    }
}
