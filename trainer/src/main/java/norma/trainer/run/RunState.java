package norma.trainer.run;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How a run is. */
public enum RunState {
    /** A process trains in its folder. */
    RUNNING,
    /** All steps are taken. */
    FINISHED,
    /** Somebody stopped it; its last step has a checkpoint. */
    INTERRUPTED,
    /** An error ended it. */
    FAILED,
    /** A loss, a gradient or a weight was no longer finite. */
    DIVERGED,
    /** Its process is gone and could not say so: SIGKILL, a power cut, a machine without memory. */
    KILLED,
    /** Its files do not say whether a process trains in it: the setup goes on or was left, or Norma was older. */
    UNKNOWN,
    /** Its files are damaged, or may not be read. */
    UNREADABLE;

    /** Those that a process writes of itself. */
    static final List<RunState> WRITTEN = List.of(RUNNING, FINISHED, INTERRUPTED, FAILED, DIVERGED);

    /** The state in lower case, as files and people have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static String writtenLabels() {
        return String.join(", ", WRITTEN.stream().map(RunState::label).toList());
    }

    static Optional<RunState> ofWritten(String label) {
        return WRITTEN.stream().filter(state -> state.label().equals(label)).findFirst();
    }
}
