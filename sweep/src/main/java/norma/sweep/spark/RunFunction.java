package norma.sweep.spark;

import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;

/** A run's task, as Spark calls it. */
final class RunFunction implements Function<RunTask, String> {
    private static final long serialVersionUID = 1L;

    /** The label of the state that the run is in at the end; the rest is in the sweep's folder. */
    @Override
    public String call(RunTask task) throws Exception {
        return new RunTraining(task, TaskContext.get().attemptNumber())
                .toItsEnd()
                .state()
                .label();
    }
}
