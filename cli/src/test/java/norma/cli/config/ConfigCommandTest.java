package norma.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("run")
class ConfigCommandTest {
    private static final Path ROOT = Path.of(System.getProperty("norma.root", ".."));

    @TempDir
    private Path folder;

    @Test
    void thePageOfAllKeys_isWhatTheCommandPrints() throws IOException {
        assertThat(Files.readString(ROOT.resolve("docs/configuration.md")))
                .as("./norma config --markdown > docs/configuration.md")
                .isEqualTo(CommandLineRun.of("config", "--markdown").out());
    }

    @Test
    void aKey_isExplained_byItsNameAlone_andAGroupWhole() throws IOException {
        CommandLineRun rate = CommandLineRun.of("config", "learning_rate");
        assertThat(rate.code()).as(rate.err()).isZero();
        assertThat(rate.out()).isEqualTo("""
                optimizer.learning_rate
                    number; default: 1.0E-4
                    The peak rate, per optimiser step.
                """);
        assertThat(CommandLineRun.of("config", "optimizer.learning_rate").out()).isEqualTo(rate.out());
        assertThat(CommandLineRun.of("config", "schedule").out())
                .contains("schedule.type\n    linear, cosine, constant; default: linear\n", "schedule.warmup_ratio");
        assertThat(CommandLineRun.of("config").out()).contains("training.steps", "model.hidden_size", "1000");
        JsonNode json = CommandLineRun.of("config", "batch_size", "--json").json();
        assertThat(json.at("/keys/0/key").asText()).isEqualTo("training.batch_size");
        assertThat(json.at("/keys/0/default").asText()).isEqualTo("32");
    }

    @Test
    void whatIsNoKey_isRefused_withTheNearest() {
        CommandLineRun.of("config", "lerning_rate")
                .assertRefused("found lerning_rate, expected optimizer.learning_rate");
        CommandLineRun.of("config", "xyzzy").assertRefused("found xyzzy, expected a key, a group");
        CommandLineRun.of("config", "optimizer", "--set", "a=1")
                .assertRefused("--set: found a=1, expected none without");
        CommandLineRun.of("config", folder.resolve("no.yaml")).assertRefused("no.yaml: no such file");
    }

    @Test
    void aWrongSetting_isShownAsItWasTyped() throws IOException {
        Path config = CommandLineRun.tinyConfig(folder);
        CommandLineRun.of("config", config, "--set", "training.stpes=3")
                .assertRefused("command line: --set training.stpes=3: unknown key, did you mean training.steps?");
        CommandLineRun.of("config", config, "--set", "training.steps=abc")
                .assertRefused("command line: --set training.steps=abc: found \"abc\", expected a whole number");
        CommandLineRun.of("config", config, "--set", "optimizer.learning_rate=-1")
                .assertRefused("command line: --set optimizer.learning_rate=-1: found -1.0, expected a number above 0");
    }

    @Test
    void aConfiguration_isResolved_withTheParametersThatItsRunHas() throws IOException {
        Path config = CommandLineRun.tinyConfig(folder);
        CommandLineRun shown = CommandLineRun.of("config", config, "--set", "training.steps=7");
        assertThat(shown.code()).as(shown.err()).isZero();
        assertThat(RunConfigYaml.parse(shown.out(), "printed", List.of()))
                .isEqualTo(RunConfigYaml.read(config, List.of("training.steps=7")));
        assertThat(shown.out()).contains("# parameters", "# time ", "# memory ", "# disk ");
        assertThat(folder.resolve("runs")).doesNotExist();

        Path run = CommandLineRun.tinyRun(folder);
        JsonNode json = CommandLineRun.of("config", run, "--json").json();
        assertThat(json.get("parameters").asLong()).isEqualTo(parameters(run));
        assertThat(json.get("tokens").asLong()).isEqualTo(6 * 4 * 16);
        assertThat(json.get("estimated_seconds").asDouble()).isPositive();
        assertThat(json.at("/config/training/steps").asInt()).isEqualTo(6);
        double disk;
        try (var files = Files.walk(run)) {
            disk = files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
        assertThat(json.get("disk_bytes").asDouble()).isCloseTo(disk, within(disk));
        assertThat(json.get("disk_bytes").asDouble()).isGreaterThan(disk);
    }

    /** Counted in the checkpoint. */
    private static long parameters(Path run) throws IOException {
        long parameters = 0;
        try (SafetensorsFile file = SafetensorsFile.open(run.resolve("checkpoints/step-00000006/model.safetensors"))) {
            for (String name : file.names()) {
                parameters += file.read(name).values().length;
            }
        }
        return parameters;
    }
}
