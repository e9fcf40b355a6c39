package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import norma.cli.CommandLineRun;
import norma.cli.TinyRunTests;
import norma.datasets.base.Progress;
import norma.probes.damage.ClosingDamage;
import norma.probes.damage.Cost;
import norma.probes.source.ModelSource;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.pretraining.RunSummary;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("run")
class ClosingDamageTest extends TinyRunTests {
    private static final Path QUICKSTART =
            Path.of(System.getProperty("norma.root", "..")).resolve("configs/quickstart.yaml");

    @Test
    void itIsWhatAblateMeasuresOnTheSameSequences() throws IOException {
        Path run = CommandLineRun.tinyRun(folder);
        RunConfig settings = RunConfigYaml.read(run.resolve("config.yaml"), List.of());

        ClosingDamage damage = ClosingDamage.measure(
                        ModelSource.of(run, warning -> {}), settings, Device.cpu(), Progress.NONE)
                .orElseThrow();

        // 4,096 tokens are 256 sequences of 16; ablate's scan is another file, as its evaluation has another size
        CommandLineRun ablate = CommandLineRun.of(
                "ablate", run, "--dims", "costliest:2", "--baseline", "random:20", "--eval-rows", 256, "--json");
        JsonNode measured = ablate.json();
        JsonNode own = measured.at("/ablations/0");
        assertThat(own.path("dimensions").toString())
                .isEqualTo(damage.dimensions().toString().replace(" ", ""));
        assertThat(damage.dimensions()).hasSize(2);
        assertThat(damage.cost().nats()).isCloseTo(own.path("cost").asDouble(), within(1e-9));
        assertThat(damage.draws()).isEqualTo(20);
        assertThat(damage.width()).isEqualTo(16);
    }

    @Test
    void itIsMeasured_whereItTakesATenthOfTheArithmeticAtMost() {
        // 128 sequences for each of 128 dimensions and 20 draws are 18,944 passes; 32 sequences a step are 96.
        assertThat(ClosingDamage.isAffordable(RunConfigYaml.read(QUICKSTART, List.of("training.steps=1974"))))
                .isTrue();
        assertThat(ClosingDamage.isAffordable(RunConfigYaml.read(QUICKSTART, List.of("training.steps=1973"))))
                .isFalse();
        assertThat(ClosingDamage.isAffordable(RunConfigYaml.read(QUICKSTART, List.of())))
                .isTrue();
    }

    @Test
    void aRunTooShortForIt_says_null() throws IOException {
        JsonNode result =
                CommandLineRun.of("pretrain", config, "--runs", runs, "--json").json();

        assertThat(result.has("damage")).isTrue();
        assertThat(result.path("damage").isNull()).isTrue();
    }

    @Test
    void whatItMeansIsSaid() {
        RunSummary summary = new RunSummary(Path.of("runs/a"), 9, 9, false, 1, null, 9, List.of(), List.of(), null);

        assertThat(RunReport.text(summary, Optional.of(damage(0.281, 0.022))))
                .contains(
                        "without 3 and 26, the costliest of 128",
                        "+0.281",
                        "without as many others at random, 20 draws",
                        "+0.022 ± 0.013",
                        "12.8 times",
                        "configs/emergence.yaml");
        assertThat(RunReport.text(summary, Optional.of(damage(1.5, 0.02)))).contains("break this model");
        assertThat(RunReport.text(summary, Optional.of(damage(0.1, -0.02)))).doesNotContain("times", "NaN");
        ClosingDamage ofDiscriminator =
                new ClosingDamage(List.of(3, 26), 128, 128, new Cost(0.1, 0.01), 20, 0.01, false);
        assertThat(RunReport.text(summary, Optional.of(ofDiscriminator)))
                .as("a loss over replaced tokens is no BERT-base's")
                .contains("+0.100")
                .doesNotContain("BERT-base");
        JsonNode json =
                RunReport.json(summary, Optional.of(damage(0.281, 0.022))).path("damage");
        assertThat(json.path("rise_of_loss").asDouble()).isEqualTo(0.281);
        assertThat(json.path("times_random").asDouble()).isCloseTo(12.7727, within(1e-4));
        assertThat(json.path("catastrophic").asBoolean()).isFalse();
    }

    private static ClosingDamage damage(double cost, double random) {
        return new ClosingDamage(List.of(3, 26), 128, 128, new Cost(cost, random), 20, 0.013, true);
    }
}
