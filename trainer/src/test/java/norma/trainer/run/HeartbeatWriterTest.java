package norma.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.step.Learner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class HeartbeatWriterTest {
    private static final Duration QUICK = Duration.ofMillis(5);

    @TempDir
    private Path folder;

    private RunFiles run;

    @BeforeEach
    void makeFolder() throws IOException {
        run = new RunFiles(Files.createDirectory(folder.resolve("run")));
    }

    private static void take(RunListener listener, long step) {
        listener.step(step, 10, new Learner.Outcome(1, List.of(), 1, 1, 0, true), 1, 0.1);
    }

    private <T> T during(HeartbeatWriter.Training<T> training) throws IOException {
        return HeartbeatWriter.during(run, -1, 10, QUICK, RunListener.NONE, result -> false, training);
    }

    private RunStatus status() {
        return new RunStates().read(run);
    }

    private void awaitBeats(long after) throws IOException {
        while (Heartbeat.read(run.status()).beat() <= after) {
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theRunIsRunning_withItsStep_andFinishedAtTheEnd() throws IOException {
        String result = during(listener -> {
            assertThat(status().state()).isEqualTo(RunState.RUNNING);
            assertThat(status().step()).isEqualTo(OptionalLong.of(0));
            take(listener, 4);
            awaitBeats(Heartbeat.read(run.status()).beat() + 1);
            assertThat(status().step()).isEqualTo(OptionalLong.of(4));
            assertThat(status().steps()).isEqualTo(OptionalLong.of(10));
            assertThat(status().process()).hasValue(RunProcess.current());
            take(listener, 10);
            return "result";
        });
        assertThat(result).isEqualTo("result");
        assertThat(status().state()).isEqualTo(RunState.FINISHED);
        assertThat(status().step()).isEqualTo(OptionalLong.of(10));
        assertThat(status().sentence()).isEmpty();
        assertOneFile();
    }

    @Test
    void nothingIsWrittenAfterTheEnd() throws Exception {
        during(listener -> 1);
        byte[] end = Files.readAllBytes(run.status());
        Thread.sleep(20 * QUICK.toMillis());
        assertThat(run.status()).hasBinaryContent(end);
    }

    /** What a display of the run does is told the same. */
    @Test
    void aRunThatWasStopped_isInterrupted_andTheListenerHearsEverything() throws IOException {
        List<Long> heard = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void step(long step, long steps, Learner.Outcome outcome, int taken, double seconds) {
                heard.add(step);
            }
        };
        HeartbeatWriter.during(run, 3, 10, listener, result -> true, watching -> {
            assertThat(status().step()).isEqualTo(OptionalLong.of(3));
            take(watching, 5);
            return 1;
        });
        assertThat(heard).containsExactly(5L);
        assertThat(status().state()).isEqualTo(RunState.INTERRUPTED);
        assertThat(status().step()).isEqualTo(OptionalLong.of(5));
    }

    @Test
    void whatEndedARun_isThrownOn_andItsSentenceStays() {
        assertFails(new RunFailedException("a sentence"), RunState.FAILED, "a sentence");
        assertFails(new InvalidInputException("prepared text: damaged"), RunState.FAILED, "prepared text: damaged");
        assertFails(new TrainingDivergedException("loss NaN"), RunState.DIVERGED, "loss NaN");
        assertFails(
                new UncheckedIOException(new IOException("No space left on device")),
                RunState.FAILED,
                run.path() + ": the disk is full (no space left on the disk); free some space and resume the run");
        assertFails(
                new IllegalStateException("a\nb"),
                RunState.FAILED,
                run.path() + ": internal error: java.lang.IllegalStateException: a\\nb");
        OutOfMemoryError memory = new OutOfMemoryError("Java heap space");
        assertThatThrownBy(() -> during(listener -> {
                    throw memory;
                }))
                .isSameAs(memory);
        assertThat(status().sentence()).hasValue(run.path() + ": out of Java memory (Java heap space)");
    }

    private void assertFails(RuntimeException problem, RunState state, String sentence) {
        assertThatThrownBy(() -> during(listener -> {
                    throw problem;
                }))
                .isSameAs(problem);
        assertThat(status().state()).isEqualTo(state);
        assertThat(status().sentence()).hasValue(sentence);
    }

    @Test
    void aFolderThatIsRemoved_orAFileThatCannotBeWritten_doesNotDisturbTraining() throws IOException {
        assertThat(this.<Integer>during(listener -> {
                    Files.move(run.path(), folder.resolve("elsewhere")); // at once, between two heartbeats too
                    take(listener, 1);
                    for (int i = 0; i < 50; i++) {
                        pause();
                    }
                    return 1;
                }))
                .isEqualTo(1);
        assertThat(run.path()).doesNotExist();
        Files.createDirectories(run.status().resolve("taken"));
        assertThat(this.<Integer>during(listener -> 2)).isEqualTo(2);
    }

    /** A reader never sees half a file, however often it is rewritten. */
    @Test
    void whoReadsMeanwhile_alwaysFindsAWholeFile() throws IOException {
        during(listener -> {
            for (int i = 0; i < 2000; i++) {
                assertThat(Heartbeat.read(run.status()).state()).isEqualTo(RunState.RUNNING);
            }
            return 1;
        });
    }

    private void assertOneFile() throws IOException {
        try (Stream<Path> files = Files.list(run.path())) {
            assertThat(files).containsExactly(run.status());
        }
    }
}
