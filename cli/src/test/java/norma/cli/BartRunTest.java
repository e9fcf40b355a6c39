package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands do with the two stacks of a run of BART, besides what every architecture has. */
@Tag("run")
class BartRunTest {
    @TempDir
    private static Path runs;

    private static Path run;

    @BeforeAll
    static void train() {
        run = EveryArchitectureTest.shortRun("bart", runs);
    }

    private static CommandLineRun succeed(Object... arguments) {
        CommandLineRun done = CommandLineRun.of(arguments);
        assertThat(done.code()).as(done.err()).isZero();
        return done;
    }

    private static String refused(Object... arguments) {
        CommandLineRun done = CommandLineRun.of(arguments);
        assertThat(done.code()).isEqualTo(2);
        return done.err();
    }

    @Test
    void ablate_measuresTheDenoisingLoss_ofTheRunsLastEvaluation() throws IOException {
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        JsonNode logged =
                new ObjectMapper().readTree(lines.get(lines.size() - 1)).path("validation");
        JsonNode ablation = succeed("ablate", run, "--dims", "3", "--baseline", "none", "--eval-rows", "8", "--json")
                .json();
        assertThat(ablation.at("/evaluation/kind").asText()).isEqualTo("denoising model");
        assertThat(ablation.at("/evaluation/predictions").asInt()).isEqualTo(8 * 24);
        assertThat(ablation.at("/full/loss").asDouble())
                .isCloseTo(logged.path("denoising_loss").asDouble(), within(1e-6));
        assertThat(ablation.at("/full/accuracy").asDouble())
                .isEqualTo(logged.path("accuracy").asDouble());
    }

    private static JsonNode ablated(String stack) throws IOException {
        return succeed(
                        "ablate",
                        run,
                        "--dims",
                        "3,5",
                        "--baseline",
                        "none",
                        "--eval-rows",
                        "8",
                        "--stack",
                        stack,
                        "--json")
                .json();
    }

    @Test
    void aStack_isAblatedByItself() throws IOException {
        double both = ablated("all").at("/ablations/0/loss").asDouble();
        double encoder = ablated("encoder").at("/ablations/0/loss").asDouble();
        double decoder = ablated("decoder").at("/ablations/0/loss").asDouble();
        double full = ablated("all").at("/full/loss").asDouble();
        assertThat(List.of(both, encoder, decoder, full)).doesNotHaveDuplicates();
        assertThat(refused("ablate", run, "--dims", "3", "--stack", "both"))
                .contains("--stack: found both, expected encoder, decoder or all");
    }

    @Test
    void outliers_haveTheRuleOverBothStacksAsHeadline_andOverEach() throws IOException {
        JsonNode both = succeed("outliers", run, "--json").json();
        assertThat(both.path("sites")).hasSize(4);
        assertThat(both.path("stacks"))
                .extracting(stack -> stack.path("stack").asText())
                .containsExactly("encoder", "decoder");
        assertThat(both.at("/frequency/states")).hasSize(6);
        assertThat(both.at("/frequency/dimensions/0/hidden_states")).hasSize(6);
        assertThat(both.at("/definitions/largest_infinity_norm/per_layer")).hasSize(4);
        JsonNode decoder =
                succeed("outliers", run, "--stack", "decoder", "--json").json();
        assertThat(decoder.path("sites"))
                .extracting(site -> site.path("site").asText())
                .containsExactly("decoder.layers.0.final_layer_norm", "decoder.layers.1.final_layer_norm");
        assertThat(decoder.path("stacks").isMissingNode()).isTrue();
        assertThat(decoder.at("/definitions/largest_infinity_norm/per_layer")).hasSize(2);
        assertThat(decoder.at("/definitions/largest_infinity_norm/per_layer/decoder.layers.1.final_layer_norm"))
                .isEqualTo(both.at("/definitions/largest_infinity_norm/per_layer/decoder.layers.1.final_layer_norm"));
        JsonNode emergence = succeed("emergence", run, "--sigma", "1", "--stack", "encoder", "--json")
                .json();
        assertThat(emergence.toString()).contains("encoder.layers.1.final_layer_norm");
    }

    @Test
    void attention_isOfTheEncoder_theDecoder_andOfOneToTheOther() throws IOException {
        JsonNode json = succeed("attention", run, "--text", "a kind of tree", "--head", "cross:1.1", "--json")
                .json();
        assertThat(json.at("/full/layers"))
                .extracting(layer -> layer.path("attention").asText() + layer.path("layer"))
                .containsExactly("encoder0", "encoder1", "decoder0", "decoder1", "cross0", "cross1");
        for (String kind : List.of("encoder", "decoder", "cross")) {
            double uniform = json.at("/uniform/" + kind + "/entropy").asDouble();
            assertThat(json.at("/full/means/" + kind + "/entropy").asDouble()) // a model that has hardly learned
                    .as(kind)
                    .isCloseTo(uniform, within(0.01))
                    .isLessThanOrEqualTo(uniform + 1e-6);
            double shares = 0;
            for (JsonNode share : json.at("/full/means/" + kind + "/shares")) {
                shares += share.asDouble();
            }
            assertThat(shares).isCloseTo(1, within(1e-6));
        }
        assertThat(run.resolve("probes/attention-map.png")).isNotEmptyFile();
        assertThat(refused("attention", run, "--text", "a tree", "--head", "cross:2.0"))
                .contains("--head: found cross:2.0, expected LAYER.HEAD, from 0.0 to 1.1, or from decoder:0.0 to"
                        + " decoder:1.1, or from cross:0.0 to cross:1.1");
        assertThat(refused("attention", run, "--text", "a tree", "--head", "query:0.0"))
                .contains("--head: found query:0.0");
    }

    @Test
    void fill_writesAsManyTokensAsBelongAtABlank() throws IOException {
        JsonNode text = succeed("fill", run, "a [MASK] of <mask>", "--length", "3", "--dims", "3", "--json")
                .json()
                .at("/texts/0");
        assertThat(text.path("masks")).hasSize(2);
        for (JsonNode mask : text.path("masks")) {
            assertThat(mask.path("full")).hasSize(5);
            for (String variant : List.of("full", "ablated", "random")) {
                JsonNode written = mask.at("/written/" + variant + "/tokens");
                assertThat(written.size()).isLessThanOrEqualTo(3);
                if (!written.isEmpty()) {
                    assertThat(written.get(0)).isEqualTo(mask.path(variant).get(0));
                }
            }
        }
        assertThat(refused("fill", run, "a kind of tree")).contains("no blank");
        assertThat(refused("fill", run, "a [MASK]", "--every-token"))
                .contains("--every-token: found true, expected none");
        assertThat(refused("fill", run, "a [MASK]", "--top-k", "3"))
                .contains("--top-k: found 3, expected none")
                .contains("fills blanks with the likeliest tokens");
        assertThat(refused("fill", run, "a [MASK]", "--length", "0"))
                .contains("--length: found 0, expected a whole number of at least 1");
    }

    /** By Hugging Face's figures for the whole fixture, and for it without two dimensions of a stack. */
    @Test
    void labelsOfAFile_giveTheReferencesLosses_withOrWithoutDecoderInputs() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bart");
        for (List<String> names : List.of(
                List.of("input_ids", "attention_mask", "labels"),
                List.of("input_ids", "attention_mask", "labels", "decoder_input_ids"))) {
            Path file = runs.resolve("labels" + names.size() + ".safetensors");
            Map<String, long[]> tensors = new LinkedHashMap<>();
            try (SafetensorsFile io = golden.io()) {
                for (String name : names) {
                    tensors.put(name, io.readLongs("input." + name));
                }
                LongTensors.write(file, tensors, (int) io.shape("input.labels")[0]);
            }
            for (String stack : List.of("encoder", "decoder")) {
                JsonNode ablation = succeed(
                                "ablate",
                                golden.folder(),
                                "--dims",
                                "3,17",
                                "--baseline",
                                "none",
                                "--eval",
                                file,
                                "--stack",
                                stack,
                                "--json")
                        .json();
                assertThat(ablation.at("/full/loss").asDouble())
                        .isCloseTo(golden.expected().at("/loss/total").asDouble(), within(5e-6));
                assertThat(ablation.at("/ablations/0/loss").asDouble())
                        .isCloseTo(
                                golden.expected()
                                        .at("/ablation/" + stack + "_final_ln_all/loss/total")
                                        .asDouble(),
                                within(5e-6));
            }
        }
    }
}
