package norma.probes.emergence;

import static norma.probes.emergence.ConstructedRecording.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.Progress;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class RunsTogetherTest {
    @TempDir
    Path folder;

    @Test
    void meanSpreadAndNever_overTheFirstEmergenceOfEachRun() throws IOException {
        JsonNode together = new RunsTogether(
                        List.of("a", "b", "c"),
                        List.of(run("a", 7, 10, 9, 30), run("b", 7, 40, -1, 0), run("c", -1, 0, -1, 0)))
                .json();
        JsonNode first = together.get("first_emergence_step");
        assertThat(first.get("mean").asDouble()).isEqualTo(25); // of 10 and 40
        assertThat(first.get("std").asDouble())
                .isCloseTo(Math.sqrt(450), within(1e-12)); // the sample's: divided by 1, not by 2
        assertThat(first.get("min").asLong()).isEqualTo(10);
        assertThat(first.get("max").asLong()).isEqualTo(40);
        assertThat(first.get("never").asInt()).isEqualTo(1);
        assertThat(together.get("runs_without_outlier").asInt()).isEqualTo(1);
    }

    @Test
    void positions_haveAStepInEachRun_andNullForNever() throws IOException {
        JsonNode positions = new RunsTogether(
                        List.of("a", "b"), List.of(run("a", 7, 10, 9, 30), run("b", 7, 40, 20, 12)))
                .json()
                .get("positions");
        assertThat(positions).hasSize(3);
        assertThat(positions.get(0).toString())
                .isEqualTo("{\"dimension\":7,\"runs\":2,\"emergence_steps\":[10,40],\"never\":0,\"mean\":25.0,"
                        + "\"std\":" + Math.sqrt(450) + ",\"min\":10,\"max\":40}");
        assertThat(positions.get(1).get("dimension").asInt()).isEqualTo(9);
        assertThat(positions.get(1).get("emergence_steps").toString()).isEqualTo("[30,null]");
        assertThat(positions.get(1).get("never").asInt()).isEqualTo(1);
        assertThat(positions.get(1).get("std").isNull())
                .as("of one run there is no spread")
                .isTrue();
    }

    @Test
    void agreement_isComparedWithChance() throws IOException {
        JsonNode together = new RunsTogether(
                        List.of("a", "b", "c"),
                        List.of(run("a", 7, 10, 9, 30), run("b", 7, 40, 20, 12), run("c", -1, 0, -1, 0)))
                .json();
        assertThat(together.get("pairs")).hasSize(3);
        assertThat(together.get("pairs").get(0).toString())
                .isEqualTo("{\"a\":\"a\",\"b\":\"b\",\"shared\":[7],\"expected_by_chance\":0.0625}"); // 2 × 2 / 64
        assertThat(together.get("positions_shared_by_pairs").asInt()).isEqualTo(1);
        assertThat(together.get("expected_by_chance").asDouble()).isEqualTo(0.0625);
    }

    @Test
    void withoutAnyOutlier_thereIsNoMean() throws IOException {
        JsonNode together =
                new RunsTogether(List.of("a", "b"), List.of(run("a", -1, 0, -1, 0), run("b", -1, 0, -1, 0))).json();
        assertThat(together.get("first_emergence_step").toString()).isEqualTo("{\"never\":2}");
        assertThat(together.get("positions")).isEmpty();
    }

    private Emergence run(String name, int dimension, long at, int other, long otherAt) throws IOException {
        Path store = ConstructedRecording.write(
                Files.createDirectories(folder.resolve(name)),
                2,
                60,
                1,
                (step, site, weight, d) ->
                        output(site, 2) && ((d == dimension && step >= at) || (d == other && step >= otherAt)));
        return EmergenceReader.read(LayerNormRecording.open(store), OutlierRule.PAPER, Progress.NONE);
    }
}
