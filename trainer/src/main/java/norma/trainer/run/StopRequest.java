package norma.trainer.run;

import norma.datasets.base.PublicApi;

/** Whether somebody wants the run to stop after the step that it is in. Set by a signal handler, read by the loop. */
@PublicApi
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
