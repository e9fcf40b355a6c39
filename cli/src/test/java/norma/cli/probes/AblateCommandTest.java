package norma.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import norma.cli.CommandLineRun;
import norma.cli.TrainedRunTests;
import norma.cli.terminal.ExitCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ablations of a run's checkpoints: what is measured and written, that nothing changes, what is refused. */
@Tag("run")
class AblateCommandTest extends TrainedRunTests {
    @Test
    void ablate_measuresEveryCheckpoint_andChangesNoFileOfThem() throws IOException {
        List<String> before = hashes(run.resolve("checkpoints"));
        CommandLineRun ablate = CommandLineRun.of(
                "ablate", run, "--checkpoints", "all", "--dims", "top:2", "--baseline", "random:3", "--json");
        assertThat(ablate.code()).as(ablate.err()).isZero();
        JsonNode checkpoints = ablate.json().get("checkpoints");
        assertThat(checkpoints).hasSize(3);
        for (JsonNode checkpoint : checkpoints) {
            assertThat(checkpoint.at("/full/predictions").asInt()).isPositive();
            assertThat(checkpoint.at("/full/perplexity").asDouble())
                    .isEqualTo(Math.exp(checkpoint.at("/full/loss").asDouble()));
            assertThat(checkpoint.get("ablations")).hasSize(2);
            assertThat(checkpoint.at("/ablations/0/name").asText()).isEqualTo("own");
            assertThat(checkpoint.at("/ablations/1/name").asText()).isEqualTo("final");
            assertThat(checkpoint.at("/ablations/0/layers").toString()).isEqualTo("[0,1]");
            JsonNode draws = checkpoint.at("/baseline/draws");
            assertThat(draws).hasSize(3);
            double mean = 0;
            for (JsonNode draw : draws) {
                assertThat(draw.get("dimensions")).hasSize(2);
                mean += draw.get("loss").asDouble() / 3;
            }
            assertThat(checkpoint.at("/baseline/loss_mean").asDouble()).isCloseTo(mean, within(1e-12));
        }
        assertThat(checkpoints.get(0).at("/ablations/0/dimensions"))
                .as("before training all are alike")
                .isEmpty();
        JsonNode last = checkpoints.get(2);
        assertThat(last.at("/ablations/0/dimensions")).isEqualTo(last.at("/ablations/1/dimensions"));
        assertThat(run.resolve("probes/ablation.json")).exists();
        assertThat(ImageIO.read(run.resolve("probes/ablation.png").toFile()).getWidth())
                .isEqualTo(1354);
        assertThat(hashes(run.resolve("checkpoints"))).isEqualTo(before);
    }

    @Test
    void theWholeModelsLoss_isTheOneThatTrainingLogged() throws IOException {
        CommandLineRun ablate = CommandLineRun.of("ablate", run, "--eval-rows", 8, "--baseline", "none", "--json");
        assertThat(ablate.code()).as(ablate.err()).isZero();
        double logged = Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(AblateCommandTest::parse)
                .filter(line -> line.get("step").asInt() == 6 && line.has("validation"))
                .mapToDouble(line -> line.at("/validation/mlm_loss").asDouble())
                .findFirst()
                .orElseThrow();
        assertThat(ablate.json().at("/full/loss").asDouble()).isCloseTo(logged, within(1e-6));
    }

    @Test
    void aPictureOfEarlierNumbers_doesNotStayBesideNewOnes() throws IOException {
        Path out = folder.resolve("pictures");
        CommandLineRun.of("ablate", run, "--checkpoints", "all", "--dims", "1", "--baseline", "none", "--out", out);
        assertThat(out.resolve("ablation.png")).exists();
        CommandLineRun.of("ablate", run, "--checkpoints", "3", "--dims", "1", "--baseline", "none", "--out", out);
        assertThat(out.resolve("ablation.json")).exists();
        assertThat(out.resolve("ablation.png")).doesNotExist();
        assertThat(out.resolve("ablation.svg")).doesNotExist();
    }

    @Test
    void aRunWithDamagedCheckpointsOnly_isRefused() throws IOException {
        Path copy = CommandLineRun.copy(run, folder.resolve("damaged"));
        try (Stream<Path> files = Files.walk(copy)) {
            for (Path file : files.filter(f -> f.endsWith("model.safetensors")).toList()) {
                Files.write(file, new byte[3]);
            }
        }
        CommandLineRun.of("ablate", copy, "--checkpoints", "all", "--json")
                .assertRefused("checkpoints: found damaged ones only, expected at least one whole among all");
    }

    @Test
    void aDamagedNewestCheckpoint_isPassedOver_andRefusedWhereItIsAskedFor() throws IOException {
        Path copy = CommandLineRun.copy(run, folder.resolve("newest-damaged"));
        Path weights = copy.resolve("checkpoints/step-00000006/model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        for (String probe : List.of("outliers", "ablate", "attention")) {
            CommandLineRun last = CommandLineRun.of(probe, copy, "--json");
            assertThat(last.code()).as(last.err()).isZero();
            assertThat(last.json().get("step").asLong()).as(probe).isEqualTo(3);
            assertThat(last.err()).containsOnlyOnce("damaged checkpoint passed over: " + weights);
        }
        CommandLineRun all = CommandLineRun.of("ablate", copy, "--checkpoints", "all", "--json");
        assertThat(all.code()).as(all.err()).isZero();
        assertThat(all.json().get("checkpoints")).hasSize(2);
        assertThat(all.err()).containsOnlyOnce("damaged checkpoint passed over");
        CommandLineRun asked = CommandLineRun.of("outliers", copy, "--checkpoint", 6);
        assertThat(asked.code()).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(asked.err()).contains(weights + " differs from the SHA-256 in the manifest");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--dims 16|--dims: found 16, expected dimensions from 0 to 15",
                "--dims 3,3|--dims: found 3,3, expected each dimension once",
                "--dims some|--dims: found some, expected auto, top:K, costliest:K or a list such as 308,381",
                "--sites input|--sites: found input",
                "--sites final|--sites: found final, expected a kind that this model has: output, attention, embeddings or all",
                "--stack decoder|--stack: found decoder, expected encoder or all: all layers are of the encoder",
                "--stack both|--stack: found both, expected encoder, decoder or all",
                "--layers 2|--layers: found 2, expected layers 0 to 1 of this model",
                "--layers 1-0|--layers: found 1-0",
                "--parts scale|--parts: found scale",
                "--value one|--value: found one, expected zero, mean or initial",
                "--baseline random|--baseline: found random, expected random:N, matched:N or none",
                "--dims 1,2 --baseline matched:9|--baseline: found 18 dimensions, expected at most 14",
                "--checkpoints 7|checkpoint: found step 7, expected one of 0, 3, 6",
                "--checkpoints every|--checkpoints: found every",
                "--eval nowhere.txt|nowhere.txt",
                "--eval nowhere.safetensors|nowhere.safetensors",
                "--eval-rows 0|--eval-rows: found 0",
                "--each --dims 1|--dims: found 1, expected none beside --each",
                "--each --baseline random:3|--baseline: found random:3, expected none beside --each",
                "--each --seed 2|--seed: found 2, expected none beside --each",
                "--sequence-length 8|--sequence-length: found 8, expected none: the run's held-out split has a length",
            })
    void ablate_refusesInOneSentence(String words, String sentence) {
        List<Object> arguments = new ArrayList<>(List.of("ablate", run));
        arguments.addAll(List.of((Object[]) words.split(" ", -1)));
        CommandLineRun refused = CommandLineRun.of(arguments.toArray());
        assertThat(refused.code()).as(refused.err()).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(refused.err()).contains(sentence);
        assertThat(refused.err().lines().filter(line -> line.startsWith("norma:")))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"outliers", "ablate", "emergence", "report"})
    void aFolderThatIsNoRun_isRefused(String command) {
        CommandLineRun nothing = CommandLineRun.of(command, folder.resolve("nothing"));
        assertThat(nothing.code()).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(nothing.err()).contains("nothing");
    }

    private static JsonNode parse(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
