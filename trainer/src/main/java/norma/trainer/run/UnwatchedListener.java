package norma.trainer.run;

/** Passes on everything but that there is something to watch, for a run that is deleted once it has served. */
public final class UnwatchedListener extends ForwardingListener {
    /** In front of a listener. */
    public UnwatchedListener(RunListener next) {
        super(next);
    }

    @Override
    public void starts(RunFiles run) {}
}
