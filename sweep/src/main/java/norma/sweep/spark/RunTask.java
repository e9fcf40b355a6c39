package norma.sweep.spark;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One run of a sweep, as it is sent to an executor.
 *
 * @param run its name
 * @param sweepFolder the sweep's folder, whose path is the same for driver and executors
 * @param token what the driver has put into the folder, by which an executor knows that it sees the same one
 * @param steps of the run
 * @param memoryBytes that its process takes at most, by estimate
 * @param training arguments of the command that begins the run or resumes it
 * @param probes arguments of the commands that the finished run is given to, by what the sweep's file calls them
 * @param process how the processes are started
 */
public record RunTask(
        String run,
        String sweepFolder,
        String token,
        long steps,
        double memoryBytes,
        List<String> training,
        Map<String, List<String>> probes,
        ProcessSettings process)
        implements Serializable {
    public RunTask {
        training = List.copyOf(training);
        probes = Collections.unmodifiableMap(new LinkedHashMap<>(probes)); // in the file's order
    }
}
