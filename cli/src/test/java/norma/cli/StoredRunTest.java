package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.layernorm.LayerNormRecording;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that an earlier commit made, and what that commit's commands said of it: see stored-run/README.md. */
@Tag("run")
class StoredRunTest {
    private static final Path STORED = Path.of("src/test/resources/stored-run");
    private static final double TOLERANCE = 2e-4; // processors differ in the last digits, and 10 steps enlarge that

    @TempDir
    private Path folder;

    private Path run;

    @BeforeEach
    void copy() throws IOException {
        Path runs = Files.createDirectory(folder.resolve("runs"));
        run = CommandLineRun.copy(STORED.resolve("run"), runs.resolve("run"));
    }

    private static JsonNode expected(String name) throws IOException {
        return new ObjectMapper()
                .readTree(STORED.resolve("expected").resolve(name).toFile());
    }

    private static CommandLineRun command(Object... words) {
        CommandLineRun run = CommandLineRun.of(words);
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    @Test
    void resume_endsAsTheRunThatWasNeverStopped_andKeepsWhatWasRecorded() throws IOException {
        List<float[]> before = recorded(20);
        command("resume", run, "--quiet");
        List<float[]> after = recorded(20);
        assertThat(before).hasSize(2 * 21);
        for (int i = 0; i < before.size(); i++) {
            assertThat(after.get(i)).containsExactly(before.get(i));
        }
        JsonNode last = expected("step-30.json");
        List<float[]> all = recorded(30);
        assertThat(all).hasSize(2 * last.get("steps").asInt());
        compare("weight", last.get("weight"), all.get(60));
        compare("bias", last.get("bias"), all.get(61));
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        JsonNode metrics = new ObjectMapper().readTree(lines.get(lines.size() - 1));
        assertThat(metrics.get("step").asInt()).isEqualTo(30);
        assertThat(metrics.get("loss").asDouble()).isCloseTo(last.get("loss").asDouble(), within(TOLERANCE));
        assertSame("validation", last.get("validation"), metrics.get("validation"));
    }

    /** Weight and bias of every step up to one, all sites in a row. */
    private List<float[]> recorded(int lastStep) throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(run.resolve("layernorm.zarr"));
        int width = recording.layout().hidden();
        int sites = recording.sites().size();
        List<float[]> all = new ArrayList<>();
        for (int step = 0; step <= lastStep; step++) {
            float[] snapshot = recording.snapshot(recording.row(step));
            for (int part = 0; part < 2; part++) {
                float[] values = new float[sites * width];
                for (int site = 0; site < sites; site++) {
                    System.arraycopy(snapshot, (2 * site + part) * width, values, site * width, width);
                }
                all.add(values);
            }
        }
        return all;
    }

    private static void compare(String name, JsonNode theirs, float[] ours) {
        assertThat(theirs.size() * theirs.get(0).size()).as(name).isEqualTo(ours.length);
        int width = theirs.get(0).size();
        for (int i = 0; i < ours.length; i++) {
            double expected = theirs.get(i / width).get(i % width).asDouble();
            assertThat((double) ours[i]).as(name + " " + i).isCloseTo(expected, within(TOLERANCE));
        }
    }

    @Test
    void probes_sayWhatTheySaid() throws IOException {
        command("resume", run, "--quiet");
        assertSame(
                "outliers",
                expected("outliers.json"),
                command("outliers", run, "--sigma", "1.5", "--json").json());
        assertSame(
                "emergence",
                expected("emergence.json"),
                command("emergence", run, "--sigma", "1.5", "--json").json());
        assertSame(
                "ablate",
                expected("ablate.json"),
                command("ablate", run, "--checkpoints", "all", "--dims", "2,7", "--baseline", "random:3", "--json")
                        .json());
        assertSame(
                "fill",
                expected("fill.json"),
                command("fill", run, "The 3 old [MASK] sail", "--dims", "2,7", "--json")
                        .json());
        command("report", run);
        assertThat(Files.readString(run.resolve("report.html"))).contains("Report of run");
    }

    @Test
    void fineTuning_givesWhatItGave() throws IOException {
        Path task = STORED.resolve("task.csv");
        JsonNode tuned = command(
                        "finetune",
                        run.resolve("checkpoints/step-00000020"),
                        "--name",
                        "task",
                        "--train",
                        task,
                        "--dev",
                        task,
                        "--text-column",
                        "text",
                        "--label-column",
                        "label",
                        "--epochs",
                        "2",
                        "--seeds",
                        "1",
                        "--batch-size",
                        "8",
                        "--learning-rate",
                        "0.01",
                        "--max-length",
                        "12",
                        "--runs",
                        folder.resolve("tuned"),
                        "--json")
                .json();
        assertSame("finetune", expected("finetune.json"), tuned);
    }

    /** Every number, word and length that is expected is found; what has come since is not looked at. */
    private static void assertSame(String path, JsonNode expected, JsonNode found) {
        if (expected.isObject()) {
            expected.properties()
                    .forEach(entry ->
                            assertSame(path + "." + entry.getKey(), entry.getValue(), found.path(entry.getKey())));
        } else if (expected.isArray()) {
            assertThat(found.size()).as(path + ": " + found).isEqualTo(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                assertSame(path + "." + i, expected.get(i), found.get(i));
            }
        } else if (expected.isFloatingPointNumber()) {
            double value = expected.asDouble();
            assertThat(found.isNumber()).as(path + ": " + found).isTrue();
            assertThat(found.asDouble())
                    .as(path)
                    .isCloseTo(value, within(TOLERANCE * Math.max(1, 10 * Math.abs(value))));
        } else {
            assertThat(found).as(path).isEqualTo(expected);
        }
    }
}
