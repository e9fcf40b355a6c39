package norma.trainer.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.function.Predicate;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;
import norma.datasets.files.FileProblem;
import norma.trainer.step.Learner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in {@code status.json} how a run is while it trains, and how it ended. A thread of its own rewrites the file
 * every few seconds; nothing that goes wrong there, be it a full disk or a folder that was removed, reaches training.
 */
public final class HeartbeatWriter {
    /** From one heartbeat to the next. */
    public static final Duration INTERVAL = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(HeartbeatWriter.class);
    private static final String WRITING = ".writing-";

    private final Path file;
    private final Path temporary;
    private final RunProcess process = RunProcess.current();
    private final Instant began = Instant.now();
    private final long steps;
    private volatile long step;
    private long beat;
    private boolean over;

    private HeartbeatWriter(Path file, long step, long steps) {
        this.file = file;
        this.temporary = file.resolveSibling(WRITING + file.getFileName());
        this.step = step;
        this.steps = steps;
    }

    /** What trains, told how far it has come through a listener. */
    @FunctionalInterface
    public interface Training<T> {
        /** Trains to the end, or until it is stopped. */
        T run(RunListener listener) throws IOException;
    }

    /**
     * Trains, while the run's folder says that it runs and then how it ended.
     *
     * @param files of the run
     * @param step that it begins with
     * @param steps of the whole run
     * @param listener that is told everything too
     * @param interrupted whether a result is that of a run that was stopped before its end
     */
    public static <T> T during(
            RunFiles files, long step, long steps, RunListener listener, Predicate<T> interrupted, Training<T> training)
            throws IOException {
        return during(files, step, steps, INTERVAL, listener, interrupted, training);
    }

    /** The same with a time between two heartbeats. */
    static <T> T during(
            RunFiles files,
            long step,
            long steps,
            Duration interval,
            RunListener listener,
            Predicate<T> interrupted,
            Training<T> training)
            throws IOException {
        HeartbeatWriter writer = new HeartbeatWriter(files.status(), Math.max(0, step), steps);
        Timer beats = writer.start(interval);
        try {
            T result = training.run(writer.new Steps(listener));
            writer.ended(interrupted.test(result) ? RunState.INTERRUPTED : RunState.FINISHED, Optional.empty());
            return result;
        } catch (Throwable e) { // whatever it is, it is thrown on
            writer.ended(
                    e instanceof TrainingDivergedException ? RunState.DIVERGED : RunState.FAILED,
                    Optional.of(sentence(files.path(), e)));
            throw e;
        } finally {
            beats.cancel();
        }
    }

    /** Notes that a run has ended whose process could not say so. */
    public static void finished(RunFiles files, long steps) {
        new HeartbeatWriter(files.status(), steps, steps).ended(RunState.FINISHED, Optional.empty());
    }

    /** Counts the steps on their way to the display. */
    private final class Steps extends ForwardingListener {
        Steps(RunListener next) {
            super(next);
        }

        @Override
        public void step(long now, long of, Learner.Outcome outcome, int taken, double seconds) {
            step = now;
            super.step(now, of, outcome, taken, seconds);
        }
    }

    private Timer start(Duration interval) {
        beat(); // before the first step, so that a kill at any moment after is seen
        Timer beats = new Timer("norma-heartbeat", true);
        TimerTask task = new TimerTask() {
            @Override
            public void run() {
                beat();
            }
        };
        beats.schedule(task, interval.toMillis(), interval.toMillis());
        return beats;
    }

    private synchronized void beat() {
        if (!over) {
            write(RunState.RUNNING, Optional.empty());
        }
    }

    private synchronized void ended(RunState state, Optional<String> sentence) {
        over = true;
        write(state, sentence);
    }

    private void write(RunState state, Optional<String> sentence) {
        try {
            Heartbeat now = new Heartbeat(state, sentence, step, steps, process, began, Instant.now(), beat++);
            byte[] bytes = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(now.json());
            try {
                Files.write(temporary, bytes);
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                inPlace(bytes, e);
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            LOG.debug("{} cannot be written", file, e);
        }
    }

    /** On a full disk the block that the file has is all that there is, and enough for what has to be said. */
    private void inPlace(byte[] bytes, IOException problem) throws IOException {
        if (!FileProblem.isDiskFull(problem)) {
            throw problem;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer content = ByteBuffer.wrap(bytes);
            while (content.hasRemaining()) {
                channel.write(content);
            }
            channel.truncate(bytes.length);
        }
        Files.deleteIfExists(temporary);
    }

    /** What ended a run, in a sentence. */
    private static String sentence(Path folder, Throwable problem) {
        if (problem instanceof RunFailedException || problem instanceof InvalidInputException) {
            return problem.getMessage();
        }
        if (problem instanceof IOException io) {
            return RunFailedException.of(folder, io).getMessage();
        }
        if (problem instanceof UncheckedIOException io) {
            return RunFailedException.of(folder, io.getCause()).getMessage();
        }
        if (problem instanceof OutOfMemoryError) {
            return folder + ": out of Java memory (" + problem.getMessage() + ")";
        }
        return problem instanceof LinkageError
                ? folder + ": a native library cannot be loaded: " + Quoted.of(problem.getMessage())
                : folder + ": internal error: " + Quoted.of(problem);
    }
}
