package norma.trainer.run;

/** Whether somebody wants the run to stop after the step that it is in. Set by a signal handler, read by the loop. */
public final class StopRequest {
    private volatile boolean requested;

    /** Asks for the stop. */
    public void request() {
        requested = true;
    }

    /** Whether the stop was asked for. */
    public boolean isRequested() {
        return requested;
    }
}
