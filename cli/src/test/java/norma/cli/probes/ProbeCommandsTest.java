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
        Path kept = onlyScan(whole);
        List<String> lines = Files.readAllLines(kept);
        Path partial = parts.resolve("scans").resolve(kept.getFileName());
        Files.createDirectories(partial.getParent());
        String cut =
                String.join("\n", lines.subList(0, 6)) + "\n" + lines.get(6).substring(0, 9);
        Files.writeString(partial, cut);
        CommandLineRun second = CommandLineRun.of("ablate", run, "--each", "--out", parts, "--json");
        assertThat(second.code()).as(second.err()).isZero();
        assertThat(second.json().get("ablations")).isEqualTo(first.json().get("ablations"));
        assertThat(Files.readAllLines(partial)).isEqualTo(lines);
    }

    private static Path onlyScan(Path out) throws IOException {
        try (Stream<Path> scans = Files.list(out.resolve("scans"))) {
            List<Path> all = scans.toList();
            assertThat(all).hasSize(1);
            return all.get(0);
        }
    }

    /** Plants losses in a kept scan: whatever asks for the costs has to find them there. */
    private static void plant(Path scan, int dimension, double loss) throws IOException {
        List<String> lines = Files.readAllLines(scan);
        lines.set(1 + dimension, lines.get(1 + dimension).replaceFirst("\"loss\":[0-9.]+", "\"loss\":" + loss));
        Files.write(scan, lines);
    }

    private static List<Integer> dimensions(JsonNode ablation) {
        List<Integer> dimensions = new ArrayList<>();
        ablation.get("dimensions").forEach(dimension -> dimensions.add(dimension.asInt()));
        return dimensions;
    }

    @Test
    void theCostliestDimensions_areThoseOfTheScan_whichIsMadeOnceAndFoundByEveryCommand() throws IOException {
        Path copy = CommandLineRun.copy(run, folder.resolve("costs"));
        Path probes = copy.resolve("probes");
        CommandLineRun first =
                CommandLineRun.of("ablate", copy, "--dims", "costliest:2", "--baseline", "none", "--json");
        assertThat(first.code()).as(first.err()).isZero();
        Path scan = onlyScan(probes);
        plant(scan, 11, 70);
        plant(scan, 4, 80);
        plant(scan, 7, 60);
        CommandLineRun again =
                CommandLineRun.of("ablate", copy, "--dims", "costliest:2", "--baseline", "none", "--json");
        assertThat(dimensions(again.json().at("/ablations/0"))).containsExactly(4, 11);
        CommandLineRun each = CommandLineRun.of("ablate", copy, "--each", "--json");
        assertThat(each.json().at("/ablations/4/loss").asDouble()).isEqualTo(80);
        CommandLineRun fill =
                CommandLineRun.of("fill", "--model", copy, "the [MASK] sails", "--ablate", "costliest:1", "--json");
        assertThat(fill.code()).as(fill.err()).isZero();
        assertThat(fill.json().get("ablated").toString()).isEqualTo("[4]");
        CommandLineRun attention = CommandLineRun.of("attention", copy, "--ablate", "costliest:3", "--json");
        assertThat(attention.code()).as(attention.err()).isZero();
        assertThat(attention.json().at("/ablated/dimensions").toString()).isEqualTo("[4,7,11]");
        onlyScan(probes);
        CommandLineRun.of("ablate", copy, "--dims", "costliest:2", "--value", "mean", "--baseline", "none");
        try (Stream<Path> scans = Files.list(probes.resolve("scans"))) {
            assertThat(scans).as("another edit has a scan of its own").hasSize(2);
        }
    }

    @Test
    void alongARun_theCostliestAreThoseOfEachCheckpoint_andOfTheLast() throws IOException {
        CommandLineRun along = CommandLineRun.of(
                "ablate",
                run,
                "--checkpoints",
                "0,6",
                "--dims",
                "costliest:1",
                "--baseline",
                "none",
                "--out",
                folder.resolve("along"),
                "--json");
        assertThat(along.code()).as(along.err()).isZero();
        JsonNode last = along.json().at("/checkpoints/1/ablations");
        JsonNode each = CommandLineRun.of("ablate", run, "--each", "--out", folder.resolve("along"), "--json")
                .json()
                .get("ablations");
        int costliest = 0;
        for (int d = 1; d < each.size(); d++) {
            costliest = each.get(d).get("loss").asDouble()
                            > each.get(costliest).get("loss").asDouble()
                    ? d
                    : costliest;
        }
        assertThat(dimensions(last.get(0))).containsExactly(costliest);
        assertThat(dimensions(along.json().at("/checkpoints/0/ablations/1")))
                .as("final")
                .containsExactly(costliest);
    }

    @Test
    void costliest_needsWhereToKeepItsScan_andARunToMeasureOn() throws IOException {
        Path checkpoint = run.resolve("checkpoints/step-00000006");
        CommandLineRun.of(
                        "ablate",
                        checkpoint,
                        "--eval",
                        folder.resolve("ships.txt"),
                        "--sequence-length",
                        16,
                        "--dims",
                        "costliest:2")
                .assertRefused("--out: found nothing, expected a folder for the scan of single dimensions");
        CommandLineRun.of("fill", "--model", checkpoint, "the [MASK]", "--ablate", "costliest:2")
                .assertRefused("which is no run, expected a run, whose held-out split tells, or a list of dimensions");
        CommandLineRun.of("ablate", run, "--dims", "costliest:0")
                .assertRefused(
                        "--dims: found costliest:0, expected auto, top:K, costliest:K or a list such as 308,381");
    }

    @Test
    void anAblationsCost_isItsRise_andAMultipleOfTheMeanRiseOfTheDraws() throws IOException {
        JsonNode json = CommandLineRun.of("ablate", run, "--dims", "3,5", "--baseline", "random:5", "--json")
                .json();
        double full = json.at("/full/loss").asDouble();
        double cost = json.at("/ablations/0/loss").asDouble() - full;
        double others = 0;
        for (JsonNode draw : json.at("/baseline/draws")) {
            others += (draw.get("loss").asDouble() - full) / 5;
        }
        assertThat(json.at("/ablations/0/cost").asDouble()).isEqualTo(cost);
        assertThat(json.at("/baseline/cost_mean").asDouble())
                .isCloseTo(others, org.assertj.core.api.Assertions.within(1e-12));
        if (others > 0) {
            assertThat(json.at("/ablations/0/times_random").asDouble())
                    .isCloseTo(cost / others, org.assertj.core.api.Assertions.within(1e-9));
        } else {
            assertThat(json.at("/ablations/0/times_random").isNull()).isTrue();
        }
        assertThat(CommandLineRun.of("ablate", run, "--dims", "3,5", "--baseline", "matched:2", "--json")
                        .json()
                        .get("ablations")
                        .get(0)
                        .has("times_matched"))
                .isTrue();
    }

    @Test
    void aScan_showsShapeActivationAndCostOfEveryDimension() throws IOException {
        CommandLineRun each = CommandLineRun.of("ablate", run, "--each", "--out", folder.resolve("profiles"), "--json");
        assertThat(each.code()).as(each.err()).isZero();
        JsonNode profiles = each.json().get("profiles");
        assertThat(profiles).hasSize(16);
        double shares = 0;
        Set<Integer> ranks = new TreeSet<>();
        for (int d = 0; d < 16; d++) {
            assertThat(profiles.get(d).get("dimension").asInt()).isEqualTo(d);
            assertThat(profiles.get(d).get("cost").asDouble())
                    .isEqualTo(each.json().at("/ablations/" + d + "/loss").asDouble()
                            - each.json().at("/full/loss").asDouble());
            shares += profiles.get(d).get("norm_share").asDouble();
            ranks.add(profiles.get(d).at("/ranks/cost").asInt());
        }
        assertThat(ranks).hasSize(16);
        assertThat(shares)
                .as("of each the larger of two layers, which each add up to 1")
                .isBetween(1.0, 2.0);
        assertThat(each.err()).contains("that lead in shape, activation or cost");
    }

    @Test
    void aScan_goesOnWhereTheSameTextLiesElsewhere() throws IOException {
        Path out = folder.resolve("elsewhere");
        Path text = Files.writeString(folder.resolve("here.txt"), "the ship sails and the harbour waits\n".repeat(40));
        CommandLineRun first = CommandLineRun.of(
                "ablate", run, "--each", "--eval", text, "--sequence-length", 16, "--out", out, "--json");
        assertThat(first.code()).as(first.err()).isZero();
        Path partial = onlyScan(out);
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
