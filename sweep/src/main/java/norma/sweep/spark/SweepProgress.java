package norma.sweep.spark;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import norma.sweep.folder.TaskRecord;
import norma.sweep.folder.TaskState;

/**
 * How far a sweep is.
 *
 * @param done runs that are trained and probed
 * @param running runs that a task works on
 * @param diverged runs whose loss was no longer finite
 * @param failed runs that an error has ended
 * @param waiting the others
 * @param steps taken over all runs, those of a run that diverged or failed counted as taken: none of them is to come
 * @param total of all runs
 */
public record SweepProgress(int done, int running, int diverged, int failed, int waiting, long steps, long total) {
    /** Counts. */
    static SweepProgress of(Collection<RunTask> tasks, Function<RunTask, TaskRecord> records) {
        Map<TaskState, Integer> states = new EnumMap<>(TaskState.class);
        long steps = 0;
        long total = 0;
        for (RunTask task : tasks) {
            TaskRecord record = records.apply(task);
            TaskState state = record.stateNow();
            states.merge(state, 1, Integer::sum);
            boolean over = state == TaskState.FINISHED || state == TaskState.DIVERGED || state == TaskState.FAILED;
            steps += over ? task.steps() : Math.min(record.step(), task.steps());
            total += task.steps();
        }
        return new SweepProgress(
                states.getOrDefault(TaskState.FINISHED, 0),
                states.getOrDefault(TaskState.RUNNING, 0),
                states.getOrDefault(TaskState.DIVERGED, 0),
                states.getOrDefault(TaskState.FAILED, 0),
                states.getOrDefault(TaskState.WAITING, 0) + states.getOrDefault(TaskState.INTERRUPTED, 0),
                steps,
                total);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%d done, %d running, %d failed", done, running, failed)
                + (diverged == 0 ? "" : ", " + diverged + " diverged")
                + ", " + waiting + " waiting";
    }
}
