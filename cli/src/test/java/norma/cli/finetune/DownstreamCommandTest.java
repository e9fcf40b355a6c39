package norma.cli.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import norma.cli.CommandLineRun;
import norma.cli.NormaProcess;
import norma.cli.ShipsTask;
import norma.cli.TrainedRunTests;
import norma.cli.terminal.ExitCode;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import norma.trainer.safetensors.SafetensorsWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ablation of a model that was fine-tuned on a made-up task, and along a run, as users call it. */
@Tag("run")
class DownstreamCommandTest extends TrainedRunTests {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static Path tuned;
    private static ShipsTask ships;

    @BeforeAll
    static void finetune() throws IOException {
        ships = ShipsTask.in(shared);
        Path runs = shared.resolve("runs");
        CommandLineRun finetune =
                CommandLineRun.of(ships.finetune(run, runs, "--run", "ships", "--seeds", 1, "--epochs", 4, "--quiet")
                        .toArray());
        assertThat(finetune.code()).as(finetune.err()).isZero();
        tuned = runs.resolve("ships/seed-1/checkpoint");
    }

    private static CommandLineRun ablate(Path model, Object... options) {
        List<Object> words = new ArrayList<>(List.of("ablate", model, "--sequence-length", 16, "--json"));
        words.addAll(ships.options());
        words.addAll(List.of(options));
        return CommandLineRun.of(words.toArray());
    }

    private static JsonNode json(CommandLineRun run) throws IOException {
        assertThat(run.code()).as(run.err()).isZero();
        return run.json();
    }

    @Test
    void theWholeModel_scoresWhatFineTuningMeasured_andWhatItsPredictionsSay() throws IOException {
        JsonNode json = json(ablate(tuned, "--dims", "1,5", "--baseline", "random:3"));
        JsonNode result = MAPPER.readTree(tuned.resolveSibling("result.json").toFile());
        JsonNode best = result.at("/epochs/" + (result.get("best_epoch").asInt() - 1) + "/dev/dev");
        assertThat(json.at("/full/accuracy").asDouble())
                .isEqualTo(best.get("accuracy").asDouble());
        assertThat(json.at("/full/macro_f1").asDouble())
                .isEqualTo(best.get("macro_f1").asDouble());
        assertThat(json.at("/full/loss").asDouble()).isCloseTo(best.get("loss").asDouble(), within(1e-5));
        assertThat(json.at("/full/predictions").asInt()).isEqualTo(30);

        List<String> predictions = Files.readAllLines(tuned.resolveSibling("predictions.tsv"));
        long right = predictions.stream()
                .skip(1)
                .map(line -> line.split("\t"))
                .filter(columns -> columns[2].equals(columns[3]))
                .count();
        assertThat(json.at("/full/accuracy").asDouble()).isEqualTo(right / 30.0);
        assertThat(json.at("/evaluation/splits/0/majority_baseline/accuracy").asDouble())
                .isBetween(0.6, 0.7);
        assertThat(json.at("/baseline/draws")).hasSize(3);
        assertThat(json.at("/baseline").has("accuracy_mean")).isTrue();
    }

    @Test
    void anAblation_scoresLikeTheSameModelWithZerosInItsFile() throws IOException {
        JsonNode json =
                json(ablate(tuned, "--dims", "1,5", "--sites", "attention", "--layers", "1", "--parts", "bias"));
        assertThat(json.at("/ablations/0/loss")).isNotEqualTo(json.at("/full/loss"));

        Path edited = CommandLineRun.copy(tuned, folder.resolve("edited"));
        Map<String, HostTensor> tensors = SafetensorsFile.readAll(tuned.resolve("model.safetensors"));
        float[] bias = tensors.get("bert.encoder.layer.1.attention.output.LayerNorm.bias")
                .values();
        bias[1] = 0;
        bias[5] = 0;
        Files.delete(edited.resolve("model.safetensors"));
        Files.delete(edited.resolve("manifest.json")); // it says what the files were before
        SafetensorsWriter.write(edited.resolve("model.safetensors"), tensors, Map.of());
        JsonNode whole = json(ablate(edited, "--baseline", "none"));
        for (String score : List.of("accuracy", "macro_f1", "matthews_correlation", "loss")) {
            assertThat(json.at("/ablations/0").get(score))
                    .as(score)
                    .isEqualTo(whole.at("/full").get(score));
        }
    }

    @Test
    void everyDimension_isScannedOnTheTask_andDrawn() throws IOException {
        Path scan = folder.resolve("scan");
        JsonNode json = json(ablate(tuned, "--each", "--out", scan));
        assertThat(json.get("ablations")).hasSizeGreaterThan(10);
        JsonNode alone = json(ablate(tuned, "--dims", "5", "--baseline", "none"));
        assertThat(json.at("/ablations/5/loss")).isEqualTo(alone.at("/ablations/0/loss"));
        assertThat(ImageIO.read(scan.resolve("ablation-each.png").toFile()).getWidth())
                .isEqualTo(1354);
    }

    @Test
    void alongARun_eachCheckpointIsFineTunedAndMeasured_andNotTwice() throws IOException {
        List<Object> words = ships.finetune(run, folder, "--run", "along", "--seeds", 2, "--epochs", 1, "--json");
        words.addAll(List.of("--checkpoints", "every:1", "--dims", "top:2", "--baseline", "random:3"));
        CommandLineRun first = CommandLineRun.of(words.toArray());
        JsonNode json = json(first);
        assertThat(json.get("checkpoints")).hasSize(3);
        JsonNode last = json.at("/checkpoints/2");
        assertThat(last.get("step").asInt()).isEqualTo(6);
        assertThat(last.at("/ablation/full/accuracy_mean").asDouble())
                .isCloseTo(last.at("/best_epoch/dev/accuracy").asDouble(), within(1e-12));
        assertThat(last.at("/ablation/seeds")).hasSize(2);
        assertThat(last.at("/ablation/ablations/0/name").asText()).isEqualTo("own");
        assertThat(last.at("/ablation/ablations/0/dimensions"))
                .hasSize(2)
                .isEqualTo(last.at("/ablation/ablations/1/dimensions"));
        double mean = 0;
        for (JsonNode seed : last.at("/ablation/seeds")) {
            assertThat(seed.at("/ablations/0/dimensions")).isEqualTo(last.at("/ablation/ablations/0/dimensions"));
            mean += seed.at("/ablations/0/loss").asDouble() / 2;
        }
        assertThat(last.at("/ablation/ablations/0/loss_mean").asDouble()).isCloseTo(mean, within(1e-12));
        assertThat(last.at("/ablation/baselines/0/others").asText()).isEqualTo("2 others");
        assertThat(ImageIO.read(folder.resolve("along/along-run.png").toFile()).getWidth())
                .isEqualTo(1354);

        CommandLineRun again = CommandLineRun.of(words.toArray());
        assertThat(again.out()).isEqualTo(first.out());
        assertThat(again.err()).doesNotContain("epoch 1 of 1");
        words.set(words.indexOf("--batch-size") + 1, 4);
        CommandLineRun other = CommandLineRun.of(words.toArray());
        assertThat(other.code()).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(other.err()).contains("finetune.yaml: has other settings");
    }

    @Test
    void alongARun_oneThatIsStopped_printsWhatItHas_andGoesOn() throws Exception {
        List<Object> words = ships.finetune(run, folder, "--run", "along", "--seeds", 1, "--json");
        words.addAll(List.of("--checkpoints", "3,6", "--dims", "top:1", "--baseline", "none", "--epochs", 20));
        Path second = folder.resolve("along/step-00000006/seed-1/metrics.jsonl");
        NormaProcess process = NormaProcess.start(folder.resolve("printed.txt"), words.toArray())
                .await(() -> Files.exists(second))
                .terminate();
        assertThat(process.finish()).as(process::printed).isEqualTo(ExitCode.INTERRUPTED);
        JsonNode stopped =
                MAPPER.readTree(process.printed().substring(process.printed().indexOf("\n{")));
        assertThat(stopped.get("interrupted").asBoolean()).isTrue();
        assertThat(stopped.get("checkpoints")).hasSize(1);
        assertThat(stopped.at("/checkpoints/0/step").asInt()).isEqualTo(3);
        assertThat(stopped.at("/unfinished/step").asInt()).isEqualTo(6);
        assertThat(stopped.at("/unfinished/seeds")).isEmpty();

        JsonNode ended = json(CommandLineRun.of(words.toArray()));
        assertThat(ended.get("interrupted").asBoolean()).isFalse();
        assertThat(ended.get("checkpoints")).hasSize(2);
        assertThat(ended.at("/checkpoints/0")).isEqualTo(stopped.at("/checkpoints/0"));
        assertThat(ended.has("unfinished")).isFalse();
    }

    @Test
    void alongARun_oneThatIsStoppedBetweenTwoFineTunings_printsWhatItHas() throws Exception {
        List<Object> words = ships.finetune(run, folder, "--run", "between", "--seeds", 1, "--json");
        words.addAll(List.of("--checkpoints", "3,6", "--dims", "top:1", "--baseline", "random:200", "--epochs", 1));
        Path first = folder.resolve("between/step-00000003/results.json");
        NormaProcess process = NormaProcess.start(folder.resolve("printed.txt"), words.toArray())
                .await(() -> Files.exists(first))
                .terminate();
        assertThat(process.finish()).as(process::printed).isEqualTo(ExitCode.INTERRUPTED);
        String printed = process.printed();
        JsonNode stopped = MAPPER.readTree(printed.substring(printed.indexOf("\n{")));
        assertThat(stopped.get("interrupted").asBoolean()).isTrue();
        assertThat(stopped.get("checkpoints")).hasSize(1);
        assertThat(stopped.at("/checkpoints/0/ablation/ablations")).isNotEmpty();
        assertThat(folder.resolve("between/step-00000006/results.json")).doesNotExist();
    }

    @Test
    void alongARun_aDimensionThatTheModelLacks_isRefusedBeforeAnythingIsFineTuned() throws IOException {
        List<Object> words = ships.finetune(run, folder, "--run", "beyond", "--seeds", 1, "--epochs", 1, "--json");
        words.addAll(List.of("--checkpoints", "all", "--dims", "1,9999"));
        CommandLineRun.of(words.toArray()).assertRefused("--dims: found 9999, expected dimensions from 0 to");
        assertThat(folder.resolve("beyond")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                          | --eval wordnet          | command line: --eval: found wordnet, expected none beside a task
            ''                          | --sequence-length 17    | command line: --sequence-length: found 17, expected at most max_position_embeddings of
            ''                          | --dims 99               | command line: --dims: found 99, expected dimensions from 0 to
            ''                          | --label-column topic           | topic
            ../../..                    | ''                      | expected a run or a checkpoint folder
            ../..                       | ''                      | is the folder of a fine-tuning, expected its model
            ..                          | ''                      | is the folder of one seed of a fine-tuning, expected its model
            ../../../a                   | ''                      | classifier: found none, expected one for ships, as norma finetune makes it
            """)
    void whatCannotBeMeasured_isRefused(String model, String options, String message) {
        List<Object> words =
                new ArrayList<>(List.of("ablate", tuned.resolve(model).normalize(), "--json"));
        List<Object> chosen = new ArrayList<>(ships.options());
        chosen.addAll(List.of("--sequence-length", 16));
        List<String> changed = List.of(options.split(" ", -1));
        int at = chosen.indexOf(changed.get(0));
        if (at >= 0) {
            chosen.set(at + 1, changed.get(1));
        } else if (!options.isEmpty()) {
            chosen.addAll(changed);
        }
        words.addAll(chosen);
        CommandLineRun.of(words.toArray()).assertRefused(message);
    }

    @Test
    void aTaskWithOtherLabels_isRefused() throws IOException {
        Path renamed = folder.resolve("renamed.tsv");
        Files.writeString(renamed, Files.readString(shared.resolve("train.tsv")).replace("sails", "zzz"));
        List<Object> words = List.of(
                "ablate",
                tuned,
                "--name",
                "renamed",
                "--train",
                renamed,
                "--dev",
                renamed,
                "--text-column",
                "body",
                "--label-column",
                "label",
                "--sequence-length",
                16);
        CommandLineRun.of(words.toArray())
                .assertRefused(
                        "id2label: found [sails, waits], expected [waits, zzz], the labels of renamed in their order");
        CommandLineRun.of("ablate", tuned, "--task", "wordnet", "--sequence-length", 16)
                .assertRefused("classifier: found 2 outputs, expected 45, which");
        CommandLineRun.of("ablate", tuned, "--train", renamed, "--text-column", "body", "--label-column", "label")
                .assertRefused(
                        "command line: --dev: found none, expected the held-out file, or the share of the training"
                                + " file to hold out");
    }
}
