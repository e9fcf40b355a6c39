package norma.sweep.folder;

import java.util.Locale;

/** How a run of a sweep is. */
public enum TaskState {
    /** No task has begun it, or the one that had was lost. */
    WAITING,
    /** A task trains or probes it. */
    RUNNING,
    /** Trained to its end, and probed. */
    FINISHED,
    /** Its loss was no longer finite; it is not tried again. */
    DIVERGED,
    /** An error ended it, as often as it was tried; the sweep, started again, tries it again. */
    FAILED,
    /** Stopped with a checkpoint; the sweep, started again, resumes it. */
    INTERRUPTED;

    /** In lower case, as files and people have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
