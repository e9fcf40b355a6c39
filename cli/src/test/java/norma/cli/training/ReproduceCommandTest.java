package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import norma.cli.CommandLineRun;
import norma.cli.TrainedRunTests;
import norma.cli.terminal.ExitCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("run")
class ReproduceCommandTest extends TrainedRunTests {
    @Test
    void aRunTrainedAgain_isTheSame_bitForBit_andTheOriginalIsOnlyRead() throws IOException {
        String before = Files.readString(run.resolve("provenance.json"));
        CommandLineRun again = CommandLineRun.of("reproduce", run, "--json");
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.err())
                .as("the new run is deleted")
                .contains("training: ")
                .doesNotContain("watch it");
        JsonNode json = again.json();
        assertThat(json.get("reproduced").asBoolean()).isTrue();
        assertThat(json.get("steps").asLong()).isEqualTo(6);
        assertThat(json.get("first_different_step").isNull()).isTrue();
        assertThat(json.at("/metrics/steps_compared").asLong()).isEqualTo(7);
        assertThat(json.at("/recording/steps_compared").asLong()).isEqualTo(7);
        assertThat(CommandLineRun.of("reproduce", run, "--quiet").out())
                .contains("reproduced: 6 steps, the metrics of 7 and the LayerNorms of 7 are the same");
        assertThat(Files.readString(run.resolve("provenance.json"))).isEqualTo(before);
    }

    @Test
    void aDifference_isFound_withItsStep_andTheNewRunStaysWhereItIsAskedFor() throws IOException {
        Path copy = CommandLineRun.copy(run, folder.resolve("b"));
        Path metrics = copy.resolve("metrics.jsonl");
        String text = Files.readString(metrics);
        int line = text.indexOf("{\"step\":4");
        Files.writeString(
                metrics, text.substring(0, line) + text.substring(line).replaceFirst("\"loss\":\\d", "\"loss\":7"));
        Path out = folder.resolve("runs/again");
        assertThat(CommandLineRun.of("reproduce", copy, "--steps", 5).out()).contains("differs from step 4 on");
        CommandLineRun again = CommandLineRun.of("reproduce", copy, "--steps", 5, "--out", out, "--json");
        assertThat(again.code()).as(again.err()).isEqualTo(ExitCode.FAILED);
        assertThat(again.err()).contains("watch it: norma monitor " + folder.resolve("runs"));
        assertThat(again.json().get("first_different_step").asLong()).isEqualTo(4);
        assertThat(again.json().at("/metrics/difference").asText()).startsWith("loss was 7");
        assertThat(again.json().at("/recording/difference").isNull()).isTrue();
        assertThat(out.resolve("layernorm.zarr")).isDirectory();
        assertThat(CommandLineRun.of("reproduce", copy, "--steps", 3).code())
                .as("before the step that differs")
                .isZero();
    }

    @Test
    void whatIsNoLongerWhatTheRunWasMadeFrom_isRefused() throws IOException {
        Path copy = CommandLineRun.copy(run, folder.resolve("b"));
        Files.writeString(copy.resolve("config.yaml"), "# changed\n", StandardOpenOption.APPEND);
        CommandLineRun.of("reproduce", copy, "--json").assertRefused("config.yaml: was changed since the run began");
        CommandLineRun.of("reproduce", run, "--steps", 7, "--json")
                .assertRefused("--steps: found 7, expected 1 to 6, the last step that the run has recorded");
        CommandLineRun.of("reproduce", run, "--out", run, "--json")
                .assertRefused("a run of this name is there already, expected another name");
        CommandLineRun.of("reproduce", shared, "--json").assertRefused("expected the folder of a run");

        Path own = Files.createDirectories(folder.resolve("own"));
        Path other = CommandLineRun.tinyRun(own);
        Files.writeString(own.resolve("ships.txt"), "One more ship.\n\n", StandardOpenOption.APPEND);
        CommandLineRun.of("reproduce", other, "--json").assertRefused("the text has changed since the run began");
    }
}
