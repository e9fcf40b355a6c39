package norma.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.cli.TrainedRunTests;
import norma.cli.terminal.ExitCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The benchmark of ablations on a run: what it times, that it changes nothing, what it refuses. */
@Tag("run")
class BenchProbesCommandTest extends TrainedRunTests {
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
            assertThat(place.get("loss").asDouble()).isCloseTo(json.get("loss").asDouble(), within(1e-9));
        }
        assertThat(json.at("/places/0/layers").asText()).isEqualTo("all");
        assertThat(json.at("/places/1/layers").asText()).isEqualTo("1-");
        assertThat(hashes(run)).isEqualTo(before);
        CommandLineRun text = CommandLineRun.of("bench", "probes", run, "--eval-rows", 8, "--rounds", 1, "--quiet");
        assertThat(text.out())
                .contains("plain forward pass, scored", "layers 1-: each further one", "of the plain pass");
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

    private static void assertSpread(JsonNode spread) {
        assertThat(spread.get("min").asDouble())
                .isPositive()
                .isLessThanOrEqualTo(spread.get("median").asDouble());
        assertThat(spread.get("median").asDouble())
                .isLessThanOrEqualTo(spread.get("max").asDouble());
    }
}
