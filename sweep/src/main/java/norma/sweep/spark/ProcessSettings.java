package norma.sweep.spark;

import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How the process of a run is started on an executor: with the executor's Java and class path.
 *
 * @param mainClass of the command line
 * @param javaOptions of the process
 * @param environment that is added to the executor's
 * @param folder the process's working folder where the executor has it too, for paths that are relative to it
 * @param threads that the process computes with
 */
public record ProcessSettings(
        String mainClass, List<String> javaOptions, Map<String, String> environment, String folder, int threads)
        implements Serializable {
    /** Java leaves a signal alone that was ignored when it started: Ctrl-C in a terminal is the driver's to pass on. */
    private static final String WITHOUT_INTERRUPT = "trap '' INT; exec \"$@\"";

    public ProcessSettings {
        javaOptions = List.copyOf(javaOptions);
        environment = Map.copyOf(environment);
    }

    /** The process of a command, not yet started; its standard input is a pipe, which ends with this process. */
    ProcessBuilder builder(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", WITHOUT_INTERRUPT, "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(javaOptions);
        command.add("-XX:ActiveProcessorCount=" + threads);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
        if (Files.isDirectory(Path.of(folder))) {
            builder.directory(Path.of(folder).toFile());
        }
        return builder;
    }
}
