package norma.sweep.spark;

import java.io.Serializable;
import norma.trainer.run.MachineMemory;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.function.Function;

/**
 * What an executor sees before anything is started on it.
 *
 * @param executor its number, as Spark counts
 * @param host its machine
 * @param seesFolder whether it finds there what the driver has put into the sweep's folder
 * @param memoryBytes of the machine or the container
 */
record ExecutorView(String executor, String host, boolean seesFolder, long memoryBytes) implements Serializable {
    /**
     * Looks.
     *
     * @param folder the sweep's
     * @param token what the driver has put there
     */
    record Look(String folder, String token) implements Function<Integer, ExecutorView> {
        private static final long MILLIS = 100; // or one executor would be done with all tasks before another begins

        @Override
        public ExecutorView call(Integer number) throws Exception {
            Thread.sleep(MILLIS);
            return new ExecutorView(
                    SparkEnv.get().executorId(),
                    RunTraining.hostName(),
                    RunTraining.seesFolder(folder, token),
                    MachineMemory.total());
        }
    }
}
