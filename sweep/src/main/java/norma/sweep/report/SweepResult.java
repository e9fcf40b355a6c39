package norma.sweep.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import norma.datasets.base.Counted;
import norma.probes.emergence.Spread;
import norma.sweep.folder.SweepFiles;
import norma.sweep.folder.TaskState;
import norma.sweep.plan.SweepPlan;
import norma.sweep.plan.SweepPoint;

/**
 * All runs of a sweep as they are now.
 *
 * @param plan which runs
 * @param runs in the plan's order
 */
public record SweepResult(SweepPlan plan, List<RunResult> runs) {
    public SweepResult {
        runs = List.copyOf(runs);
    }

    /**
     * Reads the runs' folders; what of a run is damaged is among its problems.
     *
     * @throws norma.datasets.base.InvalidInputException if the sweep's own files are damaged
     */
    public static SweepResult read(SweepFiles files) {
        SweepPlan plan = SweepPlan.read(files.plan());
        return new SweepResult(
                plan,
                plan.runs().stream().map(run -> RunReader.read(files, run)).toList());
    }

    /** The runs of a point. */
    List<RunResult> of(SweepPoint point) {
        return runs.stream().filter(run -> run.run().point().equals(point)).toList();
    }

    /** The finished runs of a point: what others have come to so far is not to be compared with these. */
    List<RunResult> finished(SweepPoint point) {
        return of(point).stream()
                .filter(run -> run.state() == TaskState.FINISHED)
                .toList();
    }

    /** A figure over the finished runs of a point. */
    Spread spread(SweepPoint point, Function<RunResult, ? extends Number> figure) {
        List<Number> values = new ArrayList<>();
        finished(point).forEach(run -> values.add(figure.apply(run)));
        return Spread.of(values);
    }

    /** How many runs are in a state. */
    public long in(TaskState state) {
        return runs.stream().filter(run -> run.state() == state).count();
    }

    /** Whether every run is trained and probed, or has diverged. */
    public boolean complete() {
        return in(TaskState.FINISHED) + in(TaskState.DIVERGED) == runs.size();
    }

    /** How many runs are how, for people. */
    String states() {
        List<String> words = new ArrayList<>();
        for (TaskState state : TaskState.values()) {
            if (in(state) > 0) {
                words.add(in(state) + " " + state.label());
            }
        }
        return Counted.of(runs.size(), "run") + ": " + String.join(", ", words);
    }
}
