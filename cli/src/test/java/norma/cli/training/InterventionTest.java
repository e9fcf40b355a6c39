package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.TinyRunTests;
import norma.trainer.layernorm.LayerNormRecording;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code intervention:} of a training's configuration. */
@Tag("run")
class InterventionTest extends TinyRunTests {
    private static final int HIDDEN = 16;
    private static final int STEPS = 6;
    private static final String[] PLANT = {
        "intervention.plant.dimension=3",
        "intervention.plant.step=4",
        "intervention.plant.weight=2.5",
        "intervention.plant.bias=-1.5"
    };

    @BeforeEach
    void trainWithout() {
        train("plain");
    }

    private Path train(String name, String... settings) {
        return done(name, pretrain(List.of(config), name, settings));
    }

    private Path done(String name, CommandLineRun run) {
        assertThat(run.code()).as(run.err()).isZero();
        return runs.resolve(name);
    }

    private CommandLineRun pretrain(List<?> from, String name, String... settings) {
        List<Object> words = new ArrayList<>(List.of("pretrain", "--runs", runs, "--run", name));
        words.addAll(from);
        for (String setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        return CommandLineRun.of(words.toArray());
    }

    private CommandLineRun fork(String point, String name, String... settings) {
        return pretrain(List.of("--from", runs.resolve(point)), name, settings);
    }

    @Test
    void aClampedDimension_isRecordedWithItsInitialValue_fromItsStepOn() throws IOException {
        List<float[]> plain = recording("plain");
        train("clamped", "intervention.clamp.dimension=3", "intervention.clamp.from_step=2");
        List<float[]> clamped = recording("clamped");

        assertThat(clamped.get(1)).containsExactly(plain.get(1));
        assertThat(clamped.get(2))
                .as("the update is the plain run's, and then the dimension is put back")
                .containsExactly(put(plain.get(2), 1, 0));
        assertThat(plain.get(2)).isNotEqualTo(clamped.get(2));
        for (int step = 2; step <= STEPS; step++) {
            assertThat(clamped.get(step)).containsExactly(put(clamped.get(step), 1, 0));
        }
        assertThat(clamped.get(STEPS)).isNotEqualTo(put(plain.get(STEPS), 1, 0));
        CommandLineRun verified = CommandLineRun.of("verify", runs.resolve("clamped"));
        assertThat(verified.code()).as(verified.err()).isZero();
    }

    @Test
    void aPlantedDimension_hasItsValueAtItsStep_andIsTrainedOn() throws IOException {
        List<float[]> plain = recording("plain");
        train("planted", PLANT);
        List<float[]> planted = recording("planted");

        for (int step = 0; step < 4; step++) {
            assertThat(planted.get(step)).as("step " + step).containsExactly(plain.get(step));
        }
        assertThat(planted.get(4)).containsExactly(put(plain.get(4), 2.5f, -1.5f));
        assertThat(planted.get(5)[3]).isNotEqualTo(2.5f).isBetween(2.4f, 2.6f);

        train(
                "from the start",
                "intervention.plant.dimension=3",
                "intervention.plant.step=0",
                "intervention.plant.bias=4");
        assertThat(recording("from the start").get(0)).containsExactly(put(plain.get(0), 1, 4));
    }

    @Test
    void aForkThatPlants_equalsARunThatPlanted_andBothAreResumedBitForBit() throws IOException {
        Path planted = train("planted", PLANT);
        Path fork = done("fork", fork("plain@3", "fork", PLANT));

        for (String name : List.of("model.safetensors", "optimizer.safetensors")) {
            assertThat(last(fork).resolve(name))
                    .hasSameBinaryContentAs(last(planted).resolve(name));
            assertThat(Files.mismatch(
                            last(fork).resolve(name),
                            last(runs.resolve("plain")).resolve(name)))
                    .isNotNegative();
        }
        for (Path run : List.of(planted, fork)) {
            resumedFromStep3EqualsItself(run);
        }
        resumedFromStep3EqualsItself(
                train("clamped", "intervention.clamp.dimension=0", "intervention.clamp.from_step=2"));
    }

    private void resumedFromStep3EqualsItself(Path run) throws IOException {
        byte[] weights = Files.readAllBytes(last(run).resolve("model.safetensors"));
        byte[] moments = Files.readAllBytes(last(run).resolve("optimizer.safetensors"));
        List<float[]> recorded = recording(run.getFileName().toString());
        try (Stream<Path> files = Files.walk(last(run))) {
            files.sorted((a, b) -> b.compareTo(a)).map(Path::toFile).forEach(java.io.File::delete);
        }

        CommandLineRun resumed = CommandLineRun.of("resume", run);

        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains("at step 3 of 6");
        assertThat(last(run).resolve("model.safetensors")).hasBinaryContent(weights);
        assertThat(last(run).resolve("optimizer.safetensors")).hasBinaryContent(moments);
        assertThat(recording(run.getFileName().toString()))
                .usingRecursiveComparison()
                .isEqualTo(recorded);
    }

    @Test
    void whatCannotBe_isRefused_andNothingIsWritten() {
        refused("no dimension", "intervention.clamp.from_step=2")
                .assertRefused(
                        "command line: intervention.clamp.dimension: found nothing, expected a dimension, counted from 0");
        refused("too wide", "intervention.clamp.dimension=16")
                .assertRefused("--set intervention.clamp.dimension=16: found 16, expected a dimension below the hidden"
                        + " size of the model (16)");
        refused("too late", "intervention.clamp.dimension=3", "intervention.clamp.from_step=7")
                .assertRefused("--set intervention.clamp.from_step=7: found 7, expected at most training.steps (6)");
        refused("no value", "intervention.plant.dimension=3", "intervention.plant.step=2")
                .assertRefused("intervention.plant.weight: found nothing, expected a number, or one for the bias");
        refused("no step", "intervention.plant.dimension=3", "intervention.plant.weight=2")
                .assertRefused("intervention.plant.step: found nothing, expected the step that has the value first");
        List<String> both = new ArrayList<>(Arrays.asList(PLANT));
        both.addAll(List.of("intervention.clamp.dimension=3", "intervention.clamp.from_step=4"));
        refused("at once", both.toArray(String[]::new))
                .assertRefused("--set intervention.plant.step=4: found 4, expected a step before"
                        + " intervention.clamp.from_step");
        assertThat(runs.resolve("fork")).doesNotExist();
        fork("plain@6", "fork", "intervention.clamp.dimension=3", "intervention.clamp.from_step=6")
                .assertRefused("--set intervention.clamp.from_step=6: found 6, expected a step after 6, which the fork"
                        + " begins from");
        fork(
                        "plain@3",
                        "fork",
                        "intervention.plant.dimension=3",
                        "intervention.plant.step=3",
                        "intervention.plant.bias=1")
                .assertRefused("--set intervention.plant.step=3: found 3, expected a step after 3");
        assertThat(runs.resolve("fork")).doesNotExist();
    }

    private CommandLineRun refused(String name, String... settings) {
        CommandLineRun run = pretrain(List.of(config), name, settings);
        assertThat(runs.resolve(name)).doesNotExist();
        return run;
    }

    @Test
    void aForkOfAPlantedRun_mayGoOnWithoutAnotherPlanting() {
        train("planted", PLANT);
        done("on", fork("planted@6", "on", "training.steps=8"));
    }

    /** A snapshot with weight and bias of dimension 3 replaced at every site. */
    private static float[] put(float[] snapshot, float weight, float bias) {
        float[] values = snapshot.clone();
        for (int vector = 0; vector < values.length / HIDDEN; vector++) {
            values[vector * HIDDEN + 3] = vector % 2 == 0 ? weight : bias;
        }
        return values;
    }

    private static Path last(Path run) {
        return run.resolve("checkpoints/step-00000006");
    }

    private List<float[]> recording(String run) throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(runs.resolve(run).resolve("layernorm.zarr"));
        List<float[]> snapshots = new ArrayList<>();
        for (int row = 0; row < recording.size(); row++) {
            snapshots.add(recording.snapshot(row));
        }
        return snapshots;
    }
}
