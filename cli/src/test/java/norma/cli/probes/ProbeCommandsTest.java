package norma.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import norma.cli.CommandLineRun;
import norma.cli.terminal.ExitCode;
import norma.datasets.base.Hashes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The probes on a run of a second: what they print and write, that they change nothing, what they refuse. */
@Tag("run")
class ProbeCommandsTest {
    @TempDir
    private static Path folder;

    private static Path run;

    @BeforeAll
    static void train() throws IOException {
        run = CommandLineRun.tinyRun(folder);
    }

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
            assertThat(checkpoint.at("/baseline/loss_mean").asDouble())
                    .isCloseTo(mean, org.assertj.core.api.Assertions.within(1e-12));
        }
        assertThat(checkpoints.get(0).at("/ablations/0/dimensions"))
                .as("before training all are alike")
                .isEmpty();
        JsonNode last = checkpoints.get(2);
        assertThat(last.at("/ablations/0/dimensions")).isEqualTo(last.at("/ablations/1/dimensions"));
        assertThat(run.resolve("probes/ablation.json")).exists();
        assertThat(ImageIO.read(run.resolve("probes/ablation.png").toFile()).getWidth())
                .isEqualTo(1100);
        assertThat(hashes(run.resolve("checkpoints"))).isEqualTo(before);
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
    void theWholeModelsLoss_isTheOneThatTrainingLogged() throws IOException {
        CommandLineRun ablate = CommandLineRun.of("ablate", run, "--eval-rows", 8, "--baseline", "none", "--json");
        assertThat(ablate.code()).as(ablate.err()).isZero();
        double logged = Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(ProbeCommandsTest::parse)
                .filter(line -> line.get("step").asInt() == 6 && line.has("validation"))
                .mapToDouble(line -> line.at("/validation/mlm_loss").asDouble())
                .findFirst()
                .orElseThrow();
        assertThat(ablate.json().at("/full/loss").asDouble())
                .isCloseTo(logged, org.assertj.core.api.Assertions.within(1e-6));
    }

    @Test
    void aScanThatWasStopped_goesOn_andEndsAsOneThatWasNot() throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        CommandLineRun first = CommandLineRun.of("ablate", run, "--each", "--out", whole, "--json");
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.json().get("ablations")).hasSize(16);
        List<String> lines = Files.readAllLines(whole.resolve("ablation-each.partial.jsonl"));
        Files.createDirectories(parts);
        String cut =
                String.join("\n", lines.subList(0, 6)) + "\n" + lines.get(6).substring(0, 9);
        Files.writeString(parts.resolve("ablation-each.partial.jsonl"), cut);
        CommandLineRun second = CommandLineRun.of("ablate", run, "--each", "--out", parts, "--json");
        assertThat(second.code()).as(second.err()).isZero();
        assertThat(second.json().get("ablations")).isEqualTo(first.json().get("ablations"));
        assertThat(Files.readAllLines(parts.resolve("ablation-each.partial.jsonl")))
                .isEqualTo(lines);
    }

    @Test
    void aScan_goesOnWhereTheSameTextLiesElsewhere() throws IOException {
        Path out = folder.resolve("elsewhere");
        Path text = Files.writeString(folder.resolve("here.txt"), "the ship sails and the harbour waits\n".repeat(40));
        CommandLineRun first = CommandLineRun.of(
                "ablate", run, "--each", "--eval", text, "--sequence-length", 16, "--out", out, "--json");
        assertThat(first.code()).as(first.err()).isZero();
        Path partial = out.resolve("ablation-each.partial.jsonl");
        List<String> lines = Files.readAllLines(partial);
        lines.set(1, lines.get(1).replaceFirst("\"loss\":[0-9.]+", "\"loss\":77.0"));
        Files.write(partial, lines);
        Path moved = Files.move(text, folder.resolve("there.txt"));
        CommandLineRun second = CommandLineRun.of(
                "ablate", run, "--each", "--eval", moved, "--sequence-length", 16, "--out", out, "--json");
        assertThat(second.code()).as(second.err()).isZero();
        assertThat(second.json().at("/ablations/0/loss").asDouble())
                .as("what was measured before is not measured again")
                .isEqualTo(77.0);
    }

    @Test
    void theSameSeed_givesTheSameResult_andAnotherSeedOtherDraws() throws IOException {
        Object[] words = {"ablate", run, "--dims", "1,2", "--baseline", "random:4", "--json"};
        JsonNode one = CommandLineRun.of(words).json();
        assertThat(CommandLineRun.of(words).json()).isEqualTo(one);
        CommandLineRun other =
                CommandLineRun.of("ablate", run, "--dims", "1,2", "--baseline", "random:4", "--json", "--seed", 2);
        assertThat(other.json().at("/baseline/draws")).isNotEqualTo(one.at("/baseline/draws"));
    }

    @Test
    void matchedDimensions_areNoOutliersAndNoneTwice() throws IOException {
        CommandLineRun matched = CommandLineRun.of("ablate", run, "--dims", "3,5", "--baseline", "matched:4", "--json");
        assertThat(matched.code()).as(matched.err()).isZero();
        List<Integer> drawn = new ArrayList<>();
        matched.json().at("/baseline/draws").forEach(d -> d.get("dimensions").forEach(x -> drawn.add(x.asInt())));
        assertThat(drawn).hasSize(8).doesNotHaveDuplicates().doesNotContain(3, 5);
    }

    @Test
    void noDrawHasADimensionThatAnyOfTheAblationsSwitchesOff() throws IOException {
        CommandLineRun ablate = CommandLineRun.of(
                "ablate",
                run,
                "--dims",
                "0,1,2,3",
                "--dims",
                "4",
                "--dims",
                "5,6,7,8",
                "--baseline",
                "random:20",
                "--json");
        assertThat(ablate.code()).as(ablate.err()).isZero();
        assertThat(ablate.json().at("/baseline/dimensions_per_draw").asInt())
                .as("that beside the last ablation")
                .isEqualTo(4);
        JsonNode baselines = ablate.json().get("baselines");
        assertThat(baselines).hasSize(2);
        assertThat(baselines.at("/0/others").asText()).isEqualTo("4 others");
        assertThat(baselines.at("/1/others").asText()).isEqualTo("1 other");
        Set<Integer> drawn = new TreeSet<>();
        baselines.findValues("draws").forEach(draws -> draws.findValues("dimensions")
                .forEach(dimensions -> dimensions.forEach(x -> drawn.add(x.asInt()))));
        assertThat(drawn).isSubsetOf(9, 10, 11, 12, 13, 14, 15).hasSizeGreaterThan(4);
    }

    @Test
    void matchedDimensions_areMatchedToEachAblationOfItsOwn() throws IOException {
        CommandLineRun ablate =
                CommandLineRun.of("ablate", run, "--dims", "1", "--dims", "2", "--baseline", "matched:3", "--json");
        assertThat(ablate.code()).as(ablate.err()).isZero();
        JsonNode baselines = ablate.json().get("baselines");
        assertThat(baselines.at("/0/others").asText()).isEqualTo("others like 1");
        assertThat(baselines.at("/1/others").asText()).isEqualTo("others like 2");
        assertThat(ablate.json().get("baseline")).isEqualTo(baselines.get(1));
        JsonNode alone = CommandLineRun.of("ablate", run, "--dims", "2", "--baseline", "matched:4", "--json")
                .json()
                .at("/baseline/draws");
        List<JsonNode> nearest = alone.findValues("dimensions");
        nearest.removeIf(dimensions -> dimensions.get(0).asInt() == 1);
        assertThat(baselines.get(1).get("draws").findValues("dimensions")).isEqualTo(nearest.subList(0, 3));
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

    @Test
    void theOnlyStack_givesWhatAllGive_andAnotherIsRefused() throws IOException {
        for (String probe : List.of("outliers", "emergence")) {
            CommandLineRun all = CommandLineRun.of(probe, run, "--json");
            CommandLineRun encoder = CommandLineRun.of(probe, run, "--json", "--stack", "encoder");
            assertThat(encoder.code()).as(encoder.err()).isZero();
            ObjectNode expected = (ObjectNode) all.json();
            ObjectNode found = (ObjectNode) encoder.json();
            expected.remove("command");
            found.remove("command");
            assertThat(found.toString()).isEqualTo(expected.toString());
            CommandLineRun decoder = CommandLineRun.of(probe, run, "--stack", "decoder");
            assertThat(decoder.code()).isEqualTo(ExitCode.INVALID_INPUT);
            assertThat(decoder.err()).contains("--stack: found decoder, expected encoder or all");
        }
    }

    @Test
    void outliersAndEmergence_printOneJson_andWriteIntoTheRun() throws IOException {
        CommandLineRun outliers = CommandLineRun.of("outliers", run, "--json");
        assertThat(outliers.code()).as(outliers.err()).isZero();
        assertThat(outliers.json().get("dimensions").isArray()).isTrue();
        assertThat(outliers.json().get("definitions").size()).isGreaterThan(5);
        CommandLineRun emergence = CommandLineRun.of("emergence", run, "--json");
        assertThat(emergence.code()).as(emergence.err()).isZero();
        assertThat(emergence.json().get("last_step").asLong()).isEqualTo(6);
        assertThat(run.resolve("probes/outliers.json")).exists();
        assertThat(run.resolve("probes/emergence.png")).exists();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--dims 16|--dims: found 16, expected dimensions from 0 to 15",
                "--dims 3,3|--dims: found 3,3, expected each dimension once",
                "--dims some|--dims: found some, expected auto, top:K or a list such as 308,381",
                "--sites input|--sites: found input",
                "--sites final|--sites: found final, expected a kind that this model has: output, attention, embeddings or all",
                "--stack decoder|--stack: found decoder, expected encoder or all: all layers are of the encoder",
                "--stack both|--stack: found both, expected encoder, decoder or all",
                "--layers 2|--layers: found 2, expected layers 0 to 1 of this model",
                "--layers 1-0|--layers: found 1-0",
                "--parts scale|--parts: found scale",
                "--value one|--value: found one, expected zero or mean",
                "--baseline random|--baseline: found random, expected random:N, matched:N or none",
                "--dims 1,2 --baseline matched:9|--baseline: found 18 dimensions, expected at most 14",
                "--checkpoints 7|checkpoint: found step 7, expected one of 0, 3, 6",
                "--checkpoints every|--checkpoints: found every",
                "--eval nowhere.txt|nowhere.txt",
                "--eval nowhere.safetensors|nowhere.safetensors",
                "--eval-rows 0|--eval-rows: found 0",
                "--each --dims 1|--dims: found [1], expected no --dims beside --each",
                "--each --baseline random:3|--baseline: found random:3, expected no --baseline beside --each",
                "--each --seed 2|--seed: found 2, expected no --seed beside --each",
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

    @Test
    void benchProbes_timesEachPlaceAgainstThePlainPass_andChangesNoFile() throws IOException {
        List<String> before = hashes(run);
        CommandLineRun bench =
                CommandLineRun.of("bench", "probes", run, "--eval-rows", 8, "--layers", "1-", "--rounds", 3, "--json");
        assertThat(bench.code()).as(bench.err()).isZero();
        JsonNode json = bench.json();
        assertSpread(json.get("plain_seconds"));
        assertThat(json.get("rounds").asInt()).isEqualTo(3);
        assertThat(json.get("open_model_seconds").asDouble()).isPositive();
        assertThat(json.at("/evaluation/rows").asInt()).isEqualTo(8);
        assertThat(json.get("places")).hasSize(2);
        for (JsonNode place : json.get("places")) {
            for (String name : List.of("ablation", "scan")) {
                String unit = name.equals("scan") ? "_seconds_per_dimension" : "_seconds";
                assertSpread(place.get(name + unit));
                assertSpread(place.get(name + "_ratio"));
            }
            assertSpread(place.get("edit_seconds"));
            assertThat(place.get("loss").asDouble())
                    .isCloseTo(json.get("loss").asDouble(), org.assertj.core.api.Assertions.within(1e-9));
        }
        assertThat(json.at("/places/0/layers").asText()).isEqualTo("all");
        assertThat(json.at("/places/1/layers").asText()).isEqualTo("1-");
        assertThat(hashes(run)).isEqualTo(before);
        CommandLineRun text = CommandLineRun.of("bench", "probes", run, "--eval-rows", 8, "--rounds", 1, "--quiet");
        assertThat(text.out())
                .contains("plain forward pass, scored", "layers 1-: each further one", "of the plain pass");
    }

    private static void assertSpread(JsonNode spread) {
        assertThat(spread.get("min").asDouble())
                .isPositive()
                .isLessThanOrEqualTo(spread.get("median").asDouble());
        assertThat(spread.get("median").asDouble())
                .isLessThanOrEqualTo(spread.get("max").asDouble());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RUN --rounds 0|--rounds: found 0, expected 1 to 15",
                "RUN --rounds 16|--rounds: found 16, expected 1 to 15",
                "RUN --layers 2|--layers: found 2, expected layers 0 to 1 of this model",
                "RUN --layers upper|--layers: found upper",
                "RUN --eval nowhere.safetensors|nowhere.safetensors",
                "RUN --batch-size 0|--batch-size: found 0",
                "nowhere|nowhere: no such folder, expected a run or a checkpoint folder",
                "''|Missing required parameter: 'MODEL'",
            })
    void benchProbes_refusesInOneSentence(String words, String sentence) {
        List<Object> arguments = new ArrayList<>(List.of("bench", "probes"));
        for (String word : words.split(" ", -1)) {
            if (!word.isEmpty()) {
                arguments.add(word.equals("RUN") ? run : word);
            }
        }
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
            return new com.fasterxml.jackson.databind.ObjectMapper().readTree(line);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> hashes(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<String> hashes = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                hashes.add(file + " " + Hashes.sha256(file));
            }
            return hashes;
        }
    }
}
