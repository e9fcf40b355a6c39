package norma.trainer.layernorm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that records, at moments that nothing chose, and looks at what is left. */
@Tag("run")
class LayerNormKillTest {
    private static final int HIDDEN = 8;
    private static final List<LayerNormSite> SITES = TestSites.ofBert(1, HIDDEN);

    @TempDir
    Path folder;

    /** The process that gets killed: records for ever, flushing at almost every step to be inside a write mostly. */
    static final class Endless {
        private Endless() {}

        public static void main(String[] arguments) {
            try (LayerNormRecorder recorder =
                    LayerNormRecorder.open(Path.of(arguments[0]), new SnapshotLayout(SITES), 1, true)) {
                recorder.truncateAfter(Long.parseLong(arguments[1]));
                for (long step = Long.parseLong(arguments[1]) + 1; ; step++) {
                    recorder.record(step, Snapshots.at(step, SITES.size(), HIDDEN));
                    if (step % 3 == 0) {
                        recorder.flush();
                        System.out.println(step);
                    }
                }
            }
        }
    }

    @Test
    void killedAtAnyMoment_theStoreOpensWithoutAHoleAndGoesOn() throws IOException, InterruptedException {
        Path store = folder.resolve("layernorm.zarr");
        long resumeAt = -1;
        for (int round = 0; round < 8; round++) {
            Path out = folder.resolve("flushed-" + round + ".txt");
            Process process = start(store, resumeAt, out);
            while (lines(out).size() < 12 + 7 * round) {
                assertThat(process.isAlive()).isTrue();
                Thread.sleep(1);
            }
            Thread.sleep(7L * round);
            process.destroyForcibly().waitFor();
            long flushed = Long.parseLong(lines(out).get(lines(out).size() - 1));
            LayerNormRecording recording = LayerNormRecording.open(store);
            System.out.printf("killed: flushed up to step %d, the store holds %d rows%n", flushed, recording.size());
            assertThat(recording.size()).isGreaterThan(flushed);
            for (long row = 0; row < recording.size(); row++) {
                assertThat(recording.snapshot(row)).isEqualTo(Snapshots.at(row, SITES.size(), HIDDEN));
            }
            resumeAt = flushed / 2;
        }
    }

    /** The lines that have their end. */
    private static List<String> lines(Path file) throws IOException {
        String text = Files.readString(file);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    private static Process start(Path store, long resumeAt, Path out) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx128m");
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(Endless.class.getName());
        command.add(store.toString());
        command.add(Long.toString(resumeAt));
        return new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
