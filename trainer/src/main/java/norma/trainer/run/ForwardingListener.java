package norma.trainer.run;

import norma.trainer.model.StepClock;
import norma.trainer.step.Learner;

/** Passes on everything to another listener, for one that adds to some of it. */
public class ForwardingListener implements RunListener {
    private final RunListener next;

    /** In front of a listener. */
    protected ForwardingListener(RunListener next) {
        this.next = next;
    }

    @Override
    public void update(String stage, long done, long total, String unit) {
        next.update(stage, done, total, unit);
    }

    @Override
    public void opened(RunFolder folder) {
        next.opened(folder);
    }

    @Override
    public void starts(RunFiles run) {
        next.starts(run);
    }

    @Override
    public void message(String text) {
        next.message(text);
    }

    @Override
    public void warning(String text) {
        next.warning(text);
    }

    @Override
    public void step(long step, long steps, Learner.Outcome outcome, int taken, double seconds) {
        next.step(step, steps, outcome, taken, seconds);
    }

    @Override
    public void evaluation(long step, Learner.Evaluation evaluation) {
        next.evaluation(step, evaluation);
    }

    @Override
    public StepClock clock() {
        return next.clock();
    }
}
