package norma.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import norma.trainer.safetensors.SafetensorsWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A tiny model in which two dimensions of every layer's output LayerNorm were edited. What an ablation must do to it is
 * done here by hand, to the file, and the two losses are compared.
 */
@Tag("run")
class PlantedOutliersTest {
    private static final int HIDDEN = 32;
    private static final int LAYERS = 3;
    private static final List<Integer> PLANTED = List.of(5, 19);
    private static final String OUTPUT = "bert.encoder.layer.%d.output.LayerNorm";
    private static final String ATTENTION = "bert.encoder.layer.%d.attention.output.LayerNorm";
    private static final String EMBEDDINGS = "bert.embeddings.LayerNorm";

    @TempDir
    private static Path shared;

    private static Path planted;
    private static Path text;

    @TempDir
    private Path folder;

    @BeforeAll
    static void plant() throws IOException {
        Path run = CommandLineRun.tinyRun(
                shared,
                "model.hidden_size=" + HIDDEN,
                "model.num_hidden_layers=" + LAYERS,
                "optimizer.learning_rate=0.01");
        text = shared.resolve("ships.txt");
        Path checkpoint = run.resolve("checkpoints/step-00000006");
        Map<String, HostTensor> weights = SafetensorsFile.readAll(checkpoint.resolve("model.safetensors"));
        for (int layer = 0; layer < LAYERS; layer++) {
            for (int dimension : PLANTED) {
                weights.get(OUTPUT.formatted(layer) + ".weight").values()[dimension] = 4;
                weights.get(OUTPUT.formatted(layer) + ".bias").values()[dimension] = -3;
            }
        }
        planted = write(shared.resolve("planted"), checkpoint, weights);
    }

    private static Path write(Path target, Path like, Map<String, HostTensor> weights) throws IOException {
        Files.createDirectories(target);
        for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(like.resolve(name), target.resolve(name));
        }
        SafetensorsWriter.write(target.resolve("model.safetensors"), weights, Map.of());
        return target;
    }

    private static JsonNode ablate(Path model, Object... options) throws IOException {
        List<Object> words = new ArrayList<>(
                List.of("ablate", model, "--eval", text, "--sequence-length", 16, "--eval-rows", 64, "--json"));
        words.addAll(List.of(options));
        CommandLineRun run = CommandLineRun.of(words.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return run.json();
    }

    @Test
    void theRule_findsExactlyThePlantedDimensions_andAutoAblatesThem() throws IOException {
        JsonNode outliers = CommandLineRun.of("outliers", planted, "--json", "--eval", text, "--sequence-length", 16)
                .json();
        assertThat(outliers.get("dimensions"))
                .extracting(found -> found.get("dimension").asInt())
                .containsExactlyElementsOf(PLANTED);
        JsonNode auto = ablate(planted, "--dims", "auto", "--baseline", "none");
        assertThat(auto.at("/ablations/0/dimensions"))
                .extracting(JsonNode::asInt)
                .containsExactlyElementsOf(PLANTED);
    }

    @ParameterizedTest
    @CsvSource({"random:200", "matched:29"})
    void baselines_neverDrawAnOutlier(String baseline) throws IOException {
        JsonNode draws = ablate(planted, "--dims", "3", "--baseline", baseline).at("/baseline/draws");
        Set<Integer> drawn = new TreeSet<>();
        draws.forEach(draw -> draw.get("dimensions").forEach(dimension -> drawn.add(dimension.asInt())));
        assertThat(draws.size()).isGreaterThanOrEqualTo(29);
        assertThat(drawn).hasSize(HIDDEN - 3).doesNotContain(3, 5, 19);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "output     | all   | 0,1,2 |       | ",
                "output     | 1     | 1     |       | ",
                "output     | 0-1   | 0,1   |       | ",
                "output     | 1-    | 1,2   |       | ",
                "output     | 0,2   | 0,2   |       | ",
                "attention  | all   |       | 0,1,2 | ",
                "attention  | 0,1-2 |       | 0,1,2 | ",
                "embeddings | all   |       |       | yes",
                "output,attention | 2 | 2   | 2     | ",
                "all        | all   | 0,1,2 | 0,1,2 | yes",
                "all        | 0     | 0     | 0     | yes",
            })
    void sitesAndLayers_areThoseThatAreNamed(
            String sites, String layers, String outputs, String attentions, String embeddings) throws IOException {
        Set<String> edited = new TreeSet<>();
        layers(outputs).forEach(layer -> edited.add(OUTPUT.formatted(layer)));
        layers(attentions).forEach(layer -> edited.add(ATTENTION.formatted(layer)));
        if (embeddings != null) {
            edited.add(EMBEDDINGS);
        }
        compare(edited, part -> true, "zero", "--sites", sites, "--layers", layers);
    }

    private static List<Integer> layers(String words) {
        return words == null
                ? List.of()
                : Arrays.stream(words.split(",")).map(Integer::parseInt).toList();
    }

    @ParameterizedTest
    @CsvSource({"weight", "bias"})
    void aPart_isEditedAlone(String part) throws IOException {
        Set<String> outputs = new TreeSet<>(List.of(OUTPUT.formatted(0), OUTPUT.formatted(1), OUTPUT.formatted(2)));
        compare(outputs, part::equals, "zero", "--parts", part);
    }

    @Test
    void theMean_isThatOfTheOtherDimensions() throws IOException {
        Set<String> outputs = new TreeSet<>(List.of(OUTPUT.formatted(0), OUTPUT.formatted(1), OUTPUT.formatted(2)));
        compare(outputs, part -> true, "mean", "--value", "mean");
    }

    @Test
    void initial_isAWeightOf1_andABiasOf0() throws IOException {
        Set<String> outputs = new TreeSet<>(List.of(OUTPUT.formatted(0), OUTPUT.formatted(1), OUTPUT.formatted(2)));
        compare(outputs, part -> true, "initial", "--value", "initial");
    }

    /** The loss of the ablation is that of the file in which the same was done by hand, and of no other. */
    private void compare(Set<String> norms, Predicate<String> parts, String value, Object... options)
            throws IOException {
        Map<String, HostTensor> weights = SafetensorsFile.readAll(planted.resolve("model.safetensors"));
        int edits = 0;
        for (String norm : norms) {
            for (String part : List.of("weight", "bias")) {
                if (parts.test(part)) {
                    float[] values = weights.get(norm + "." + part).values();
                    double mean = 0;
                    for (int d = 0; d < values.length; d++) {
                        mean += PLANTED.contains(d) ? 0 : values[d] / (double) (HIDDEN - PLANTED.size());
                    }
                    for (int dimension : PLANTED) {
                        values[dimension] = switch (value) {
                            case "mean" -> (float) mean;
                            case "initial" -> part.equals("weight") ? 1 : 0;
                            default -> 0;
                        };
                    }
                    edits++;
                }
            }
        }
        assertThat(edits).isPositive();
        Path byHand = write(folder.resolve("by-hand"), planted, weights);
        double expected = ablate(byHand, "--dims", "3", "--baseline", "none")
                .at("/full/loss")
                .asDouble();
        JsonNode result = ablate(
                planted,
                Stream.concat(Stream.of("--dims", "5,19", "--baseline", "none"), Arrays.stream(options))
                        .toArray());
        double loss = result.at("/ablations/0/loss").asDouble();
        assertThat(loss).isCloseTo(expected, within(1e-9));
        assertThat(loss).isNotCloseTo(result.at("/full/loss").asDouble(), within(1e-5));
    }
}
