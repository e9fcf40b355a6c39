package norma.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import norma.cli.terminal.ExitCode;
import norma.trainer.bench.LongRunBenchmark;
import norma.trainer.run.StopRequest;

/** {@code norma bench} in a process of its own, started as this one was. */
final class BenchProcess implements LongRunBenchmark.FreshProcess {
    private final Class<?> main;
    private final Path runs;
    private final int steps;
    private final StopRequest stop;

    /**
     * One that can be started again and again.
     *
     * @param main the class that this process was started with
     * @param runs where prepared data is kept
     * @param steps timed in each process
     * @param stop of the run that waits: Ctrl-C ends both, and what could not be timed then is no failure
     */
    BenchProcess(Class<?> main, Path runs, int steps, StopRequest stop) {
        this.main = main;
        this.runs = runs;
        this.steps = steps;
        this.stop = stop;
    }

    @Override
    public double stepSeconds(Path config) {
        List<String> words = List.of(
                "bench",
                config.toString(),
                "--runs",
                runs.toString(),
                "--json",
                "--quiet",
                "--steps",
                Integer.toString(steps));
        List<String> command = ChildCommand.likeThisProcess(main, words);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            JsonNode result;
            try (InputStream out = process.getInputStream()) {
                result = new ObjectMapper().readTree(out);
            }
            int code = process.waitFor();
            double median = result.path("step_seconds").path("median").asDouble();
            if (stop.isRequested()) {
                return Double.NaN;
            }
            if (code != ExitCode.DONE || median <= 0) {
                throw new IllegalStateException("the steps of a fresh process could not be timed: exit code " + code
                        + " of " + String.join(" ", command));
            }
            return median;
        } catch (IOException e) {
            throw new UncheckedIOException("no fresh process could be started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a fresh process timed its steps", e);
        }
    }
}
