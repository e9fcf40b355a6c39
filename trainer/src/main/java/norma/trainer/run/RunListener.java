package norma.trainer.run;

import norma.datasets.base.Progress;
import norma.datasets.base.PublicApi;
import norma.trainer.model.StepClock;
import norma.trainer.step.Learner;

/** Told what a run does, for a display. All calls come from the thread that trains. */
public interface RunListener extends Progress {
    /** Listens to nothing. */
    @PublicApi
    RunListener NONE = new RunListener() {};

    @PublicApi
    @Override
    default void update(String stage, long done, long total, String unit) {}

    /** The run's folder is there and its own; from here on a log can be kept in it. */
    default void opened(RunFolder folder) {}

    /** Training begins, or continues: from here on the run's folder has something to watch. */
    default void starts(RunFiles run) {}

    /** Something that a person should read: one line. */
    @PublicApi
    default void message(String text) {}

    /** Something that a person should worry about: one line. */
    @PublicApi
    default void warning(String text) {}

    /**
     * Steps were taken, and the loss was looked at: on a CPU after each.
     *
     * @param step steps taken so far
     * @param steps of the whole run
     * @param outcome of the last one
     * @param taken steps since the last call
     * @param seconds that one of them took, everything included; their mean
     */
    @PublicApi
    default void step(long step, long steps, Learner.Outcome outcome, int taken, double seconds) {}

    /** The model was judged at a step. */
    @PublicApi
    default void evaluation(long step, Learner.Evaluation evaluation) {}

    /** Told when the parts of a step begin. */
    default StepClock clock() {
        return StepClock.OFF;
    }
}
