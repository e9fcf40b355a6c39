package norma.probes.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class RunDifferenceTest {
    private static final SnapshotLayout LAYOUT =
            new SnapshotLayout(List.of(TestSites.bert("layer.0.output", 4), TestSites.bert("head", 4)));
    private static final String METRICS = """
            {"step":0,"validation":{"mlm_loss":8.0},"layernorm":{"outlier_dimensions":[]}}
            {"step":5,"loss":7.5,"step_seconds":0.5,"tokens_per_second":10,"resident_bytes":1}
            {"step":10,"loss":null,"step_seconds":0.5}
            """;

    @TempDir
    Path folder;

    /** A run in which one bit of the head's bias is another from a step on; nowhere if that is -1. */
    private Path run(String name, String metrics, long steps, long other) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        Files.writeString(run.resolve("metrics.jsonl"), metrics);
        try (LayerNormRecorder recorder = LayerNormRecorder.open(run.resolve("layernorm.zarr"), LAYOUT, 1, false)) {
            for (long step = 0; step < steps; step++) {
                float[] snapshot = new float[LAYOUT.length()];
                snapshot[LAYOUT.bias(1) + 2] = other >= 0 && step >= other ? Math.nextUp((float) step) : (float) step;
                recorder.record(step, snapshot);
            }
        }
        return run;
    }

    @Test
    void theSameRun_hasNoDifference_whateverItsSpeed_andWhateverItMeasuresBesides() throws IOException {
        String faster = METRICS.replace("0.5", "0.25").replace("\"loss\":7.5", "\"new\":1,\"loss\":7.5");
        RunDifference difference = RunDifference.of(run("a", METRICS, 12, -1), run("b", faster, 12, -1), 11);
        assertThat(difference.none()).isTrue();
        assertThat(difference.step()).isEmpty();
        assertThat(difference.metricSteps()).isEqualTo(3);
        assertThat(difference.recordedSteps()).isEqualTo(12);
    }

    @Test
    void oneBitOfOneValue_isADifference_fromItsStepOn() throws IOException {
        Path one = run("a", METRICS, 12, -1);
        Path other = run("b", METRICS, 12, 7);
        RunDifference difference = RunDifference.of(one, other, 11);
        assertThat(difference.metric()).isNull();
        assertThat(difference.step()).hasValue(7L);
        assertThat(difference.recorded().words()).isEqualTo("head bias[2] was 7.0, is now " + Math.nextUp(7f));
        assertThat(RunDifference.of(one, other, 6).none())
                .as("up to the step before")
                .isTrue();
    }

    @Test
    void aMetricThatDiffers_orIsGone_isNamed_withItsPlace() throws IOException {
        Path one = run("a", METRICS, 12, -1);
        RunDifference loss = RunDifference.of(one, run("b", METRICS.replace("7.5", "7.25"), 12, 9), 11);
        assertThat(loss.metric()).isEqualTo(new RunDifference.First(5, "loss was 7.5, is now 7.25"));
        assertThat(loss.step()).as("before the recording differs").hasValue(5L);
        RunDifference inside = RunDifference.of(one, run("c", METRICS.replace("{\"mlm_loss\":8.0}", "{}"), 12, -1), 11);
        assertThat(inside.metric())
                .isEqualTo(new RunDifference.First(0, "validation.mlm_loss was 8.0, is now missing"));
        RunDifference shorter = RunDifference.of(one, run("d", METRICS, 10, -1), 11);
        assertThat(shorter.recorded()).isEqualTo(new RunDifference.First(10, "layernorm.zarr has no row of it now"));
    }
}
