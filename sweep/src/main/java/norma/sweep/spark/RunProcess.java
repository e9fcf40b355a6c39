package norma.sweep.spark;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A command on a run, in a process of its own that ends with this one and is stopped with a checkpoint. */
final class RunProcess {
    private static final long POLL_MILLIS = 200;
    private static final long CHECKPOINT_SECONDS = 120;
    private static final int TAIL = 64 * 1024;
    private static final String SENTENCE = "norma: ";

    private final ProcessSettings settings;
    private final Path log;

    /**
     * Processes of one run.
     *
     * @param log the file that takes all that they print
     */
    RunProcess(ProcessSettings settings, Path log) {
        this.settings = settings;
        this.log = log;
    }

    /** What happens while a process runs. */
    @FunctionalInterface
    interface Beat {
        void beat() throws IOException;
    }

    /**
     * Runs a command to its end.
     *
     * @param stop whether the process is to end, after a checkpoint if it trains
     * @param beat called several times a second
     * @return exit code
     * @throws InterruptedException if Spark wants the task to end; then the process has ended, with a checkpoint if it
     *     could
     */
    int run(List<String> arguments, BooleanSupplier stop, Beat beat) throws IOException, InterruptedException {
        Process process = settings.builder(arguments)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        try {
            boolean asked = false;
            while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                if (!asked && stop.getAsBoolean()) {
                    askToStop(process);
                    asked = true;
                }
                beat.beat();
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            askToStop(process);
            process.waitFor(CHECKPOINT_SECONDS, TimeUnit.SECONDS);
            throw e;
        } finally {
            process.destroyForcibly();
        }
    }

    /** SIGTERM, once. {@link Process#destroy} would also close the pipe, whose end the process takes for our death. */
    private static void askToStop(Process process) {
        process.toHandle().destroy();
    }

    /** The last sentence in which a command said what is wrong. */
    Optional<String> lastSentence() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long begin = Math.max(0, file.length() - TAIL);
            byte[] tail = new byte[(int) (file.length() - begin)];
            file.seek(begin);
            file.readFully(tail);
            return new String(tail, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(SENTENCE))
                    .reduce((first, second) -> second)
                    .map(line -> line.substring(SENTENCE.length()));
        }
    }
}
