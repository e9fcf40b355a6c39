package norma.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import norma.cli.CommandLineRun;
import norma.cli.TrainedRunTests;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The other dimensions that an ablation is compared with, and what it costs beside them. */
@Tag("run")
class BaselineDrawsTest extends TrainedRunTests {
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
    void matchedDimensions_areNoOutliersAndNoneTwice() throws IOException {
        CommandLineRun matched = CommandLineRun.of("ablate", run, "--dims", "3,5", "--baseline", "matched:4", "--json");
        assertThat(matched.code()).as(matched.err()).isZero();
        List<Integer> drawn = new ArrayList<>();
        matched.json().at("/baseline/draws").forEach(d -> d.get("dimensions").forEach(x -> drawn.add(x.asInt())));
        assertThat(drawn).hasSize(8).doesNotHaveDuplicates().doesNotContain(3, 5);
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
    void anAblationsCost_isItsRise_andAMultipleOfTheMeanRiseOfTheDraws_unlessThatMayBeChance() throws IOException {
        JsonNode json = CommandLineRun.of("ablate", run, "--dims", "3,5", "--baseline", "random:5", "--json")
                .json();
        double full = json.at("/full/loss").asDouble();
        double cost = json.at("/ablations/0/loss").asDouble() - full;
        double others = 0;
        for (JsonNode draw : json.at("/baseline/draws")) {
            others += (draw.get("loss").asDouble() - full) / 5;
        }
        assertThat(json.at("/ablations/0/cost").asDouble()).isEqualTo(cost);
        assertThat(json.at("/baseline/cost_mean").asDouble()).isCloseTo(others, within(1e-12));
        double squares = 0;
        for (JsonNode draw : json.at("/baseline/draws")) {
            squares += Math.pow(draw.get("loss").asDouble() - full - others, 2);
        }
        double error = Math.sqrt(squares / 4 / 5);
        JsonNode times = json.at("/ablations/0/times_random");
        if (cost >= 0 && others > 0 && others >= 2 * error) {
            assertThat(times.asDouble()).isCloseTo(cost / others, within(1e-9));
        } else {
            assertThat(times.isNull()).isTrue();
            assertThat(CommandLineRun.of("ablate", run, "--dims", "3,5", "--baseline", "random:5")
                            .out())
                    .contains("No ratio (-): ");
        }
        assertThat(CommandLineRun.of("ablate", run, "--dims", "3,5", "--baseline", "matched:2", "--json")
                        .json()
                        .get("ablations")
                        .get(0)
                        .has("times_matched"))
                .isTrue();
    }
}
