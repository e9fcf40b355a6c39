package norma.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import norma.cli.CommandLineRun;
import norma.cli.TrainedRunTests;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filled blanks and attention of a run of a second: what they print and write, what they refuse. */
@Tag("run")
class FillAndAttentionCommandTest extends TrainedRunTests {
    @Test
    void fill_givesEachVariantsTokens_forEachBlankOfEachText() throws IOException {
        List<Object> words = List.of("fill", run, "The [MASK] ships", "[MASK] to [MASK].");
        List<Object> options = List.of("--dims", "3,5", "--top", "4", "--every-token", "--json");
        Object[] command = Stream.concat(words.stream(), options.stream()).toArray();
        CommandLineRun fill = CommandLineRun.of(command);
        assertThat(fill.code()).as(fill.err()).isZero();
        JsonNode json = fill.json();
        assertThat(json.get("command").asText())
                .startsWith("norma fill " + run + " 'The [MASK] ships' '[MASK] to [MASK].' --dims 3,5");
        assertThat(json.get("step").asInt()).isEqualTo(6);
        assertThat(json.get("ablated").toString()).isEqualTo("[3,5]");
        assertThat(json.get("random")).hasSize(2);
        assertThat(json.at("/texts/0/masks")).hasSize(1);
        assertThat(json.at("/texts/1/masks")).hasSize(2);
        for (JsonNode mask : json.at("/texts/1/masks")) {
            for (String variant : List.of("full", "ablated", "random")) {
                assertThat(mask.get(variant)).hasSize(4);
                double before = 1;
                for (JsonNode prediction : mask.get(variant)) {
                    double probability = prediction.get("probability").asDouble();
                    assertThat(probability).isPositive().isLessThanOrEqualTo(before);
                    before = probability;
                }
            }
        }
        assertThat(json.at("/texts/0/every_token/ablated/of").asInt()).isPositive();
        assertThat(CommandLineRun.of(command).out()).isEqualTo(fill.out());
    }

    @Test
    void fill_ofAModelWithoutOutliers_saysSo_andShowsTheWholeModelAlone() throws IOException {
        CommandLineRun fill = CommandLineRun.of("fill", run, "The [MASK]", "--dims", "auto", "--json");
        assertThat(fill.code()).as(fill.err()).isZero();
        assertThat(fill.err()).contains("no outlier dimension by the paper's rule");
        assertThat(fill.json().get("ablated")).isEmpty();
        assertThat(fill.json().at("/texts/0/masks/0").has("ablated")).isFalse();
        assertThat(fill.json().at("/texts/0/masks/0/full")).hasSize(5);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            The ships  | --top 5         | text: "The ships": found no blank, expected [MASK] where a word is missing
            ''         | --top 5         | text: found an empty one, expected words
            The [MASK] | --top 0         | command line: --top: found 0, expected 1 to
            The [MASK] | --top -1        | command line: --top: found -1, expected 1 to
            The [MASK] | --dims 16     | command line: --dims: found 16, expected dimensions from 0 to 15
            The [MASK] | --dims 3,3    | command line: --dims: found 3,3, expected each dimension once
            The [MASK] | --dims many   | command line: --dims: found many, expected auto, top:K, costliest:K or a list
            The [MASK] | --checkpoint 77 | checkpoint: found step 77, expected one of 0, 3, 6
            a b c d e f g h i j k l m n o p [MASK] | --top 5 | expected at most 16, the model's longest sequence
            """)
    void fill_refuses(String text, String options, String message) {
        String[] words = options.split(" ", -1);
        CommandLineRun fill = CommandLineRun.of("fill", run, text, words[0], words[1], "--json");
        fill.assertRefused(message);
    }

    @Test
    void attention_ofEveryHead_isWrittenWithItsFigures() throws IOException {
        CommandLineRun attention = CommandLineRun.of(
                "attention",
                run,
                "--dims",
                "3,5",
                "--draws",
                2,
                "--text",
                "The ships sail.",
                "--head",
                "1.0",
                "--json");
        assertThat(attention.code()).as(attention.err()).isZero();
        JsonNode json = attention.json();
        assertThat(json.get("command").asText()).startsWith("norma attention ");
        for (String variant : List.of("full", "ablated", "random")) {
            JsonNode layers = json.get(variant).get("layers");
            assertThat(layers).hasSize(2);
            double entropies = 0;
            for (JsonNode layer : layers) {
                assertThat(layer.get("heads")).hasSize(2);
                for (JsonNode head : layer.get("heads")) {
                    entropies += head.get("entropy").asDouble() / 4;
                    double sum = 0;
                    for (JsonNode share : head.get("shares")) {
                        sum += share.asDouble();
                    }
                    assertThat(sum).isCloseTo(1, within(1e-6));
                }
            }
            assertThat(json.get(variant).at("/mean/entropy").asDouble()).isCloseTo(entropies, within(1e-12));
        }
        assertThat(json.at("/random/draws")).hasSize(2);
        assertThat(json.at("/uniform/entropy").asDouble()).isBetween(0.0, Math.log(16));
        Path probes = run.resolve("probes");
        assertThat(Files.readString(probes.resolve("attention.json"))).contains("\"command\" : \"norma attention ");
        for (String name : List.of("entropy", "cls", "sep", "punctuation", "map")) {
            assertThat(ImageIO.read(probes.resolve("attention-" + name + ".png").toFile())
                            .getWidth())
                    .isGreaterThan(1000);
            assertThat(probes.resolve("attention-" + name + ".svg")).exists();
        }
    }

    @Test
    void attention_listsDimensionsAsTheyAreTyped() {
        CommandLineRun attention = CommandLineRun.of(
                "attention", run, "--dims", "5,3", "--draws", 2, "--text", "a ship", "--out", folder.resolve("listed"));
        assertThat(attention.code()).as(attention.err()).isZero();
        assertThat(attention.out()).containsPattern("^ablated: 3,5; random: mean of \\d+,\\d+ and \\d+,\\d+\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --draws 0    | command line: --draws: found 0, expected 1 to 1000
            --dims 99  | command line: --dims: found 99, expected dimensions from 0 to 15
            --head 2.0   | command line: --head: found 2.0, expected LAYER.HEAD, from 0.0 to 1.1
            --head third | command line: --head: found third, expected LAYER.HEAD, both from 0, such as 0.1
            """)
    void attention_refuses(String options, String message) {
        String[] words = options.split(" ", -1);
        CommandLineRun attention =
                CommandLineRun.of("attention", run, "--text", "a ship", words[0], words[1], "--json");
        attention.assertRefused(message);
    }

    @Test
    void attention_withoutDimensions_isOfTheWholeModelAlone() throws IOException {
        Path out = folder.resolve("whole");
        CommandLineRun attention = CommandLineRun.of("attention", run, "--out", out, "--checkpoint", 3, "--json");
        assertThat(attention.code()).as(attention.err()).isZero();
        JsonNode json = attention.json();
        assertThat(json.get("step").asInt()).isEqualTo(3);
        assertThat(json.get("model").asText()).endsWith("step-00000003");
        assertThat(json.get("seed").asInt()).isEqualTo(1);
        assertThat(json.get("evaluation").isObject()).isTrue();
        assertThat(json.has("full")).isTrue();
        assertThat(json.has("random")).isFalse();
        assertThat(out.resolve("attention-sep.png")).isNotEmptyFile();
        assertThat(out.resolve("attention-map.png")).doesNotExist();
        JsonNode written = new com.fasterxml.jackson.databind.ObjectMapper()
                .readTree(out.resolve("attention.json").toFile());
        assertThat(written).isEqualTo(json);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''             | text: found an empty one, expected words
            '   '          | text: found an empty one, expected words
            a b c d e f g h i j k l m n o p q | expected at most 16, the model's longest sequence
            """)
    void attention_ofATextThatCannotBeRead_isRefused(String text, String message) {
        CommandLineRun attention = CommandLineRun.of("attention", run, "--text", text, "--json");
        attention.assertRefused(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --head  | 1.1 | --head: found 1.1, expected --text beside it
            --draws | 2   | --draws: found 2, expected --dims beside it
            --seed  | 2   | --seed: found 2, expected --dims beside it
            """)
    void attention_refusesAnOptionThatWouldDoNothing(String option, String value, String message) {
        CommandLineRun.of("attention", run, option, value, "--json").assertRefused(message);
    }

    @Test
    void attention_ofACheckpointWithoutTokenizer_orOfOneByItselfWithoutAPlaceForTheMap_isRefused() throws IOException {
        Path checkpoint = Files.createDirectory(folder.resolve("bare"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(run.resolve("checkpoints/step-00000006").resolve(file), checkpoint.resolve(file));
        }
        CommandLineRun bare = CommandLineRun.of("attention", checkpoint, "--eval", "wordnet", "--json");
        bare.assertRefused("bare: has no tokenizer.json, expected a checkpoint with its tokenizer");
        CommandLineRun homeless = CommandLineRun.of("attention", checkpoint, "--text", "a ship", "--json");
        homeless.assertRefused("--out: found nothing, expected a folder for the map of --text");
    }

    @Test
    void tokensOfAForeignTokenizer_areSpeltOut_eachOnItsLine() throws IOException {
        Path checkpoint = Files.createDirectory(folder.resolve("foreign"));
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(run.resolve("checkpoints/step-00000006").resolve(file), checkpoint.resolve(file));
        }
        Path tokenizer = checkpoint.resolve("tokenizer.json");
        String json = Files.readString(tokenizer);
        assertThat(json).contains("\"ships\" :");
        Files.writeString(tokenizer, json.replace("\"ships\" :", "\"\\u001b]0;x\\u0007\\nships\u202e\" :"));
        CommandLineRun fill = CommandLineRun.of("fill", checkpoint, "The [MASK]", "--top", 100);
        assertThat(fill.code()).as(fill.err()).isZero();
        assertThat(fill.out())
                .contains("\\u001b]0;x\\u0007\\nships\\u202e ")
                .doesNotContain("\u001b", "\u0007", "\nships", "\u202e");
    }
}
