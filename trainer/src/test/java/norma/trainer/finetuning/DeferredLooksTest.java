package norma.trainer.finetuning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import norma.datasets.base.Progress;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.config.MicroBatchSize;
import norma.trainer.config.TaskConfig;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.serving.LetterCheckpoint;
import norma.trainer.step.Learner;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Losses that are read at every tenth step, as on a GPU: whatever is written is the same. */
@Tag("run")
class DeferredLooksTest {
    @TempDir
    private Path folder;

    private FinetuneConfig config() throws IOException {
        StringBuilder rows = new StringBuilder("label\ttext\n");
        for (int i = 0; i < 50; i++) {
            rows.append(i % 3 == 0 ? "yes" : "no")
                    .append("\tab cd ")
                    .append((char) ('a' + i % 26))
                    .append('\n');
        }
        Path task = Files.writeString(folder.resolve("task.tsv"), rows);
        TaskConfig files = new TaskConfig(
                null, null, null, task.toString(), task.toString(), null, "text", null, "label", null, null);
        String checkpoint = LetterCheckpoint.in(folder).toString();
        return new FinetuneConfig(
                checkpoint, files, null, null, null, 1, 2, 4, new MicroBatchSize(3), 12, null, null, null, 7);
    }

    @Test
    void whatIsWritten_isTheSame_withALookAtEveryTenthStep_andOfARunThatWasStopped() throws IOException {
        try (FinetuningInputs inputs = FinetuningInputs.read(config(), Device.cpu(), Progress.NONE)) {
            Path always = folder.resolve("always");
            assertThat(run(inputs, always, 1, Long.MAX_VALUE)).hasSize(26).containsOnly(1);
            Path seldom = folder.resolve("seldom");
            assertThat(run(inputs, seldom, 10, Long.MAX_VALUE))
                    .containsExactly(7, 3, 3, 1, 6, 1, 5); // looks at 7, 10, 13, 14, 20, 21 and 26
            assertThat(files(seldom)).isEqualTo(files(always)).containsKey("metrics.jsonl");

            Path stopped = folder.resolve("stopped");
            run(inputs, stopped, 10, 20);
            assertThat(stopped.resolve("result.json")).doesNotExist();
            assertThat(stopped.resolve("checkpoints/step-00000020")).isDirectory();
            run(inputs, stopped, 10, Long.MAX_VALUE);
            assertThat(files(stopped)).isEqualTo(files(always));
        }
    }

    /**
     * Trains until a look at this step or after it.
     *
     * @return steps from each look to the next
     */
    private static List<Integer> run(FinetuningInputs inputs, Path folder, int lookEvery, long until)
            throws IOException {
        StopRequest stop = new StopRequest();
        List<Integer> taken = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void step(long step, long steps, Learner.Outcome outcome, int since, double seconds) {
                taken.add(since);
                if (step >= until) {
                    stop.request();
                }
            }
        };
        new SeedRun(inputs, folder, 1, Device.cpu(), lookEvery, stop, listener).run(0);
        return taken;
    }

    /** Names and bytes of all files but for the times of day. */
    private static Map<String, List<Byte>> files(Path folder) throws IOException {
        Map<String, List<Byte>> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains("tensorboard")) // has the times of day in it
                    .toList()) {
                List<Byte> bytes = new ArrayList<>();
                for (byte one : Files.readAllBytes(file)) {
                    bytes.add(one);
                }
                files.put(folder.relativize(file).toString(), bytes);
            }
        }
        return files;
    }
}
