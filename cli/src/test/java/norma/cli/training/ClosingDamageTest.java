package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import norma.cli.CommandLineRun;
import norma.cli.TinyRunTests;
import norma.datasets.base.Progress;
import norma.datasets.json.JsonFile;
import norma.probes.ablation.AblationFile;
import norma.probes.ablation.AblationJson;
import norma.probes.ablation.Cost;
import norma.probes.damage.ClosingAblation;
import norma.probes.damage.ClosingDamage;
import norma.probes.files.EarlierResult;
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

    /** 4,096 tokens are 256 sequences of 16. */
    @Test
    void itIsWhatAblateMeasuresOnTheSameSequences_andIsKeptAsItsResult() throws IOException {
        Path run = CommandLineRun.tinyRun(folder);
        RunConfig settings = RunConfigYaml.read(run.resolve("config.yaml"), List.of());
        ModelSource source = ModelSource.of(run, warning -> {});

        ClosingAblation closing = ClosingAblation.measure(source, settings, Device.cpu(), Progress.NONE);
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        EarlierResult.note(result, List.of("--dims costliest:2", "--baseline random:20", "--eval-rows 256"));
        assertThat(closing.keep(run.resolve("probes"), result)).isEmpty();

        Path file = run.resolve("probes/ablation-last.json");
        JsonNode kept = JsonFile.read(file).node();
        ClosingDamage damage = closing.damage().orElseThrow();
        CommandLineRun ablate = CommandLineRun.of(
                "ablate", run, "--dims", "costliest:2", "--baseline", "random:20", "--eval-rows", 256, "--json");
        assertThat(ablate.err()).as("of the same options, it is replaced").doesNotContain("is kept as");
        JsonNode measured = ablate.json();
        for (String key : List.of("options", "evaluation", "step", "model", "assumed")) {
            assertThat(kept.get(key)).as(key).isEqualTo(measured.get(key));
        }
        assertThat(kept.at("/baseline/draws")).hasSize(20);
        assertThat(AblationJson.read(file).checkpoints().get(0).baselines()).hasSize(1);
        JsonNode own = measured.at("/ablations/0");
        assertThat(kept.at("/ablations/0/dimensions")).isEqualTo(own.path("dimensions"));
        assertThat(kept.at("/ablations/0/cost").asDouble())
                .isCloseTo(own.path("cost").asDouble(), within(1e-9));
        assertThat(own.path("dimensions").toString())
                .isEqualTo(damage.dimensions().toString().replace(" ", ""));
        assertThat(damage.dimensions()).hasSize(2);
        assertThat(damage.cost().nats()).isCloseTo(own.path("cost").asDouble(), within(1e-9));
        assertThat(damage.draws()).isEqualTo(20);
        assertThat(damage.width()).isEqualTo(16);
    }

    /** 480 steps of 64 sequences allow 9,216 passes: 256 sequences for each of 16 dimensions and 20 draws. */
    @Test
    void aRunLongEnough_keepsWhatItSays_whereTheReportFindsIt() throws IOException {
        CommandLineRun run = CommandLineRun.of(
                "pretrain",
                config,
                "--runs",
                runs,
                "--quiet",
                "--json",
                "--set",
                "training.steps=480",
                "--set",
                "training.batch_size=64",
                "--set",
                "evaluation.every=240",
                "--set",
                "logging.every=120",
                "--set",
                "checkpoints.every=480");

        assertThat(run.code()).as(run.err()).isZero();
        JsonNode damage = run.json().path("damage");
        assertThat(run.json().path("damage_missing").isNull()).isTrue();
        Path folder = runs.resolve("tiny");
        AblationFile kept = AblationJson.read(folder.resolve("probes/ablation-last.json"));
        assertThat(kept.command())
                .hasValue("norma ablate " + folder + " --dims costliest:2 --baseline random:20 --eval-rows 256");
        AblationFile.Checkpoint last = kept.checkpoints().get(0);
        assertThat(last.step()).hasValue(480L);
        assertThat(last.cost(last.ablations().get(0)).nats())
                .isCloseTo(damage.path("rise_of_loss").asDouble(), within(1e-9));
        assertThat(CommandLineRun.of("report", folder, "--quiet").code()).isZero();
        assertThat(Files.readString(folder.resolve("report.html")).contains("Cost at step 480 (nats)"))
                .isTrue();
    }

    @Test
    void itIsMeasured_whereItTakesATenthOfTheArithmeticAtMost() {
        // 128 sequences for each of 128 dimensions and 20 draws are 18,944 passes; 32 sequences a step are 96.
        assertThat(ClosingAblation.isAffordable(RunConfigYaml.read(QUICKSTART, List.of("training.steps=1974"))))
                .isTrue();
        assertThat(ClosingAblation.isAffordable(RunConfigYaml.read(QUICKSTART, List.of("training.steps=1973"))))
                .isFalse();
        assertThat(ClosingAblation.isAffordable(RunConfigYaml.read(QUICKSTART, List.of())))
                .isTrue();
    }

    @Test
    void aRunTooShortForIt_saysSo_andHowItIsMeasured() throws IOException {
        JsonNode result =
                CommandLineRun.of("pretrain", config, "--runs", runs, "--json").json();

        assertThat(result.has("damage")).isTrue();
        assertThat(result.path("damage").isNull()).isTrue();
        assertThat(result.path("damage_missing").asText()).contains("of this short training");
        assertThat(runs.resolve("tiny/probes/ablation-last.json")).doesNotExist();
        assertThat(CommandLineRun.of("pretrain", config, "--runs", runs, "--run", "again")
                        .out())
                .contains(
                        "What the model loses without its costliest dimensions was not measured: it would take more"
                                + " than a tenth of the arithmetic of this short training.",
                        "It is measured by: ./norma ablate " + runs.resolve("again")
                                + " --dims costliest:2 --baseline random:20 --eval-rows 256");
        assertThat(CommandLineRun.of("resume", runs.resolve("again")).out())
                .contains("was not measured: the run had already ended.");
    }

    @Test
    void whatItMeansIsSaid() {
        RunSummary summary = new RunSummary(Path.of("runs/a"), 9, 9, false, 1, null, 9, List.of(), List.of(), null);

        assertThat(RunReport.text(summary, closing(damage(0.281, 0.022))))
                .contains(
                        "without 3 and 26, the costliest of 128",
                        "+0.281",
                        "without as many others at random, 20 draws",
                        "+0.022 ± 0.013",
                        "12.8 times",
                        "configs/emergence.yaml");
        assertThat(RunReport.text(summary, closing(damage(1.5, 0.02)))).contains("break this model");
        assertThat(RunReport.text(summary, closing(damage(0.1, -0.02)))).doesNotContain("times", "NaN");
        ClosingDamage ofDiscriminator =
                new ClosingDamage(List.of(3, 26), 128, 128, new Cost(0.1, 0.01, 0.002), 20, 0.01, false);
        assertThat(RunReport.text(summary, closing(ofDiscriminator)))
                .as("a loss over replaced tokens is no BERT-base's")
                .contains("+0.100")
                .doesNotContain("BERT-base");
        JsonNode json = RunReport.json(summary, closing(damage(0.281, 0.022))).path("damage");
        assertThat(json.path("rise_of_loss").asDouble()).isEqualTo(0.281);
        assertThat(json.path("times_random").asDouble()).isCloseTo(12.7727, within(1e-4));
        assertThat(json.path("catastrophic").asBoolean()).isFalse();
    }

    private static ClosingDamage damage(double cost, double random) {
        return new ClosingDamage(List.of(3, 26), 128, 128, new Cost(cost, random, 0.003), 20, 0.013, true);
    }

    private static Closing closing(ClosingDamage damage) {
        return new Closing(Optional.of(damage), Optional.empty(), Optional.empty());
    }
}
