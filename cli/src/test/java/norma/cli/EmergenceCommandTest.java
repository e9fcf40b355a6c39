package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class EmergenceCommandTest {
    private static final int HIDDEN = 32;

    @TempDir
    Path folder;

    @Test
    void aRun_hasItsJsonPrintedAndWritten_andBothFigures() throws IOException {
        Path run = run("a", 5, 20);
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":10,\"loss\":8.5}\n");
        CommandLineRun done = CommandLineRun.of("emergence", run, "--json");
        assertThat(done.code()).as(done.err()).isZero();
        JsonNode printed = done.json();
        assertThat(printed.get("command").asText()).startsWith("norma emergence ");
        assertThat(printed.at("/dimensions/0/dimension").asInt()).isEqualTo(5);
        assertThat(printed.at("/dimensions/0/emergence_step").asLong()).isEqualTo(20);
        assertThat(printed.at("/dimensions/0/training_loss").asDouble()).isEqualTo(8.5);
        assertThat(new ObjectMapper()
                        .readTree(run.resolve("probes/emergence.json").toFile()))
                .isEqualTo(printed);
        for (String file : List.of("emergence.png", "emergence.svg", "emergence-lanes.png", "emergence-lanes.svg")) {
            assertThat(run.resolve("probes").resolve(file)).isNotEmptyFile();
        }
        assertThat(done.err()).contains("5  emerged at step 20");
    }

    @Test
    void lanesOfAnEarlierRule_doNotStay() throws IOException {
        Path run = run("a", 5, 20);
        assertThat(CommandLineRun.of("emergence", run).code()).isZero();
        assertThat(CommandLineRun.of("emergence", run, "--sigma", "30").code()).isZero();
        assertThat(run.resolve("probes/emergence-lanes.png")).doesNotExist();
    }

    @Test
    void severalRuns_areComparedToo() throws IOException {
        CommandLineRun done = CommandLineRun.of("emergence", run("a", 5, 20), run("b", 5, 30), "--json");
        assertThat(done.code()).as(done.err()).isZero();
        assertThat(done.json().get("runs")).hasSize(2);
        assertThat(done.json().at("/together/first_emergence_step/mean").asDouble())
                .isEqualTo(25);
        assertThat(done.json().at("/together/positions_shared_by_pairs").asInt())
                .isEqualTo(1);
    }

    @Test
    void oneRecordingTwice_evenByAnotherName_isRefused() throws IOException {
        Path run = run("a", 5, 20);
        CommandLineRun done = CommandLineRun.of("emergence", run, run.resolve("layernorm.zarr"));
        assertThat(done.code()).isEqualTo(2);
        assertThat(done.err()).contains("twice").doesNotContain("\tat ");
    }

    @Test
    void wrongInput_exitsWith2_andSaysWhatWasExpected() throws IOException {
        Path run = run("a", 5, 20);
        assertThat(CommandLineRun.of("emergence", folder.resolve("nowhere")).code())
                .isEqualTo(2);
        assertThat(CommandLineRun.of("emergence", Files.createDirectory(folder.resolve("empty")))
                        .err())
                .contains("has no layernorm.zarr");
        CommandLineRun sigma = CommandLineRun.of("emergence", run, "--sigma", "-1");
        assertThat(sigma.code()).isEqualTo(2);
        assertThat(sigma.err()).contains("--sigma: found -1.0");
    }

    private Path run(String name, int dimension, int from) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        List<LayerNormSite> sites = List.of(
                TestSites.bert("embeddings", HIDDEN),
                TestSites.bert("layer.0.output", HIDDEN),
                TestSites.bert("layer.1.output", HIDDEN));
        try (LayerNormRecorder recorder =
                LayerNormRecorder.open(run.resolve("layernorm.zarr"), new SnapshotLayout(sites), 1, false)) {
            for (int step = 0; step < 60; step++) {
                float[] snapshot = new float[sites.size() * 2 * HIDDEN];
                for (int i = 0; i < snapshot.length; i++) {
                    boolean out = i >= 2 * HIDDEN && i % HIDDEN == dimension && step >= from;
                    snapshot[i] = out ? 1 : (i % 2) * 0.01f;
                }
                recorder.record(step, snapshot);
            }
        }
        return run;
    }
}
