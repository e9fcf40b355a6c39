package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.NormaProcess;
import norma.cli.SameRun;
import norma.cli.TinyRunTests;
import norma.cli.terminal.ExitCode;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunState;
import norma.trainer.run.RunStates;
import norma.trainer.run.RunStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs in processes of their own, stopped in every way, and resumed: they end as the run that was never stopped. */
@Tag("run")
class KilledRunTest extends TinyRunTests {
    private static final int STEPS = 300;

    @BeforeEach
    void uninterruptedRun() {
        assertThat(CommandLineRun.of(arguments("whole")).code()).isZero();
    }

    private Object[] arguments(String name) {
        return new Object[] {
            "pretrain",
            config,
            "--runs",
            runs,
            "--run",
            name,
            "--set",
            "training.steps=" + STEPS,
            "--set",
            "checkpoints.every=20",
            "--set",
            "evaluation.every=50"
        };
    }

    @Test
    void killedAtThreeMoments_oneWhileACheckpointIsWritten_theRunEndsAsIfItNeverWas() throws Exception {
        Path run = runs.resolve("killed");
        start(arguments("killed"))
                .await(() -> Files.exists(run.resolve("checkpoints/step-00000040")))
                .kill();
        start("resume", run)
                .await(() -> Files.exists(run.resolve("checkpoints/step-00000100")) && isWriting(run))
                .kill();
        Thread.sleep(50);
        start("resume", run)
                .await(() -> Files.exists(run.resolve("checkpoints/step-00000180")))
                .kill();
        NormaProcess last = start("resume", run);
        assertThat(last.finish()).as(last::printed).isZero();
        assertSameRun(run, runs.resolve("whole"));
    }

    @Test
    void killedBeforeTheFirstCheckpoint_theRunStartsOver() throws Exception {
        Path run = runs.resolve("early");
        start(arguments("early"))
                .await(() -> Files.exists(run.resolve("provenance.json")))
                .kill();
        assertThat(start("resume", run).finish()).isZero();
        assertSameRun(run, runs.resolve("whole"));
    }

    @Test
    void sigterm_writesACheckpoint_andExitsWith130() throws Exception {
        Path run = runs.resolve("stopped");
        NormaProcess process = start(arguments("stopped"))
                .await(() -> Files.exists(run.resolve("checkpoints/step-00000040")))
                .terminate();
        assertThat(process.finish()).isEqualTo(ExitCode.INTERRUPTED);
        assertThat(process.printed())
                .contains("was not measured: the run was stopped before its last step.", "norma ablate " + run);
        assertThat(start("resume", run).finish()).isZero();
        assertSameRun(run, runs.resolve("whole"));
    }

    @Test
    void aDamagedNewestCheckpoint_isNamedAndPassedOver() throws Exception {
        for (String damage : List.of("truncated", "flipped", "missing")) {
            Path run = runs.resolve("damaged-" + damage);
            start(arguments("damaged-" + damage))
                    .await(() -> Files.exists(run.resolve("checkpoints/step-00000080")))
                    .kill();
            Path newest = newestCheckpoint(run);
            Path weights = newest.resolve("model.safetensors");
            byte[] bytes = Files.readAllBytes(weights);
            switch (damage) {
                case "truncated" -> Files.write(weights, java.util.Arrays.copyOf(bytes, bytes.length - 7));
                case "flipped" -> {
                    bytes[bytes.length / 2] ^= 1;
                    Files.write(weights, bytes);
                }
                default -> Files.delete(weights);
            }
            CommandLineRun resumed = CommandLineRun.of("resume", run);
            assertThat(resumed.code()).as(resumed.err()).isZero();
            assertThat(resumed.err()).contains("damaged checkpoint passed over: " + weights);
            assertSameRun(run, runs.resolve("whole"));
        }
    }

    @Test
    void aFullDisk_isSaid_andTheRunGoesOnWhenThereIsRoom() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk.toString())
                .redirectErrorStream(true)
                .start();
        boolean mounted = mount.waitFor(10, TimeUnit.SECONDS) && mount.exitValue() == 0;
        assumeThat(mounted).as("skipped: no right to mount a small tmpfs").isTrue();
        try {
            Path filler = disk.resolve("filler");
            Object[] arguments = arguments("full");
            arguments[3] = disk;
            NormaProcess process =
                    start(arguments).await(() -> Files.exists(disk.resolve("full/checkpoints/step-00000020")));
            fill(filler);
            assertThat(process.finish()).isEqualTo(ExitCode.FAILED);
            assertThat(process.printed()).contains("the disk is full");
            RunStatus status = new RunStates().read(new RunFiles(disk.resolve("full")));
            assertThat(status.state()).as(status.toString()).isEqualTo(RunState.FAILED);
            assertThat(process.printed()).contains(status.sentence().orElseThrow());
            Files.delete(filler);
            remount(disk);
            assertThat(start("resume", disk.resolve("full")).finish()).isZero();
            assertSameRun(disk.resolve("full"), runs.resolve("whole"));
        } finally {
            new ProcessBuilder("umount", disk.toString()).start().waitFor();
        }
    }

    private static void remount(Path disk) throws Exception {
        new ProcessBuilder("mount", "-o", "remount,size=64m", disk.toString())
                .start()
                .waitFor();
    }

    private static void fill(Path file) {
        try (var out = Files.newOutputStream(file)) {
            byte[] block = new byte[4096];
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            // that was the aim
        }
    }

    private NormaProcess start(Object... arguments) throws IOException {
        return NormaProcess.start(folder.resolve("output"), arguments);
    }

    private static boolean isWriting(Path run) {
        try (Stream<Path> list = Files.list(run.resolve("checkpoints"))) {
            return list.anyMatch(path -> path.getFileName().toString().startsWith(".writing"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path newestCheckpoint(Path run) throws IOException {
        try (Stream<Path> list = Files.list(run.resolve("checkpoints"))) {
            return list.filter(path -> path.getFileName().toString().startsWith("step-"))
                    .max(java.util.Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    private static void assertSameRun(Path run, Path whole) throws IOException {
        SameRun.assertSame(run, whole, STEPS);
    }
}
