package norma.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.TrainedRunTests;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Scans of single dimensions: resumed, kept, found again, and what the costliest ones are by them. */
@Tag("run")
class DimensionScanTest extends TrainedRunTests {
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
        assertThat(CommandLineRun.of("ablate", run, "--each", "--out", folder.resolve("profiles"))
                        .out())
                .contains("that lead in shape, activation or cost");
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
        CommandLineRun fill = CommandLineRun.of("fill", copy, "the [MASK] sails", "--dims", "costliest:1", "--json");
        assertThat(fill.code()).as(fill.err()).isZero();
        assertThat(fill.json().get("ablated").toString()).isEqualTo("[4]");
        CommandLineRun attention = CommandLineRun.of("attention", copy, "--dims", "costliest:3", "--json");
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
                        shared.resolve("ships.txt"),
                        "--sequence-length",
                        16,
                        "--dims",
                        "costliest:2")
                .assertRefused("--out: found nothing, expected a folder for the scan of single dimensions");
        CommandLineRun.of("fill", checkpoint, "the [MASK]", "--dims", "costliest:2")
                .assertRefused("which is no run, expected a run, whose held-out split tells, or a list of dimensions");
        CommandLineRun.of("ablate", run, "--dims", "costliest:0")
                .assertRefused(
                        "--dims: found costliest:0, expected auto, top:K, costliest:K or a list such as 308,381");
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
}
