package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.Head;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands do with the two networks of a run of ELECTRA, besides what every architecture has. */
@Tag("run")
class ElectraRunTest {
    @TempDir
    private static Path runs;

    private static Path run;
    private static Path last;

    @BeforeAll
    static void train() {
        run = EveryArchitectureTest.shortRun("electra", runs);
        last = run.resolve("checkpoints/step-00000006");
    }

    private static CommandLineRun succeed(Object... arguments) {
        CommandLineRun done = CommandLineRun.of(arguments);
        assertThat(done.code()).as(done.err()).isZero();
        return done;
    }

    @Test
    void aCheckpoint_opensAsTheDiscriminator_andItsFolderGeneratorAsTheGenerator() throws IOException {
        ObjectMapper json = new ObjectMapper();
        assertThat(json.readTree(last.resolve("config.json").toFile())
                        .at("/architectures/0")
                        .asText())
                .isEqualTo("ElectraForPreTraining");
        assertThat(json.readTree(last.resolve("generator/config.json").toFile())
                        .at("/architectures/0")
                        .asText())
                .isEqualTo("ElectraForMaskedLM");
        try (PretrainedModel discriminator = PretrainedModel.open(last, Device.cpu());
                PretrainedModel generator = PretrainedModel.open(last.resolve("generator"), Device.cpu())) {
            assertThat(discriminator.heads()).containsExactly(Head.REPLACED_TOKENS);
            assertThat(discriminator.config().hiddenSize()).isEqualTo(32);
            assertThat(generator.heads()).containsExactly(Head.LANGUAGE_MODEL);
            assertThat(generator.config().hiddenSize()).isEqualTo(8);
            String words = discriminator.names().wordEmbeddings();
            assertThat(generator.parameter(words)).containsExactly(discriminator.parameter(words));
        }
    }

    /** The replacements are the same, for they are drawn by the same generator for the same held-out text. */
    @Test
    void ablate_measuresTheDiscriminator_byTheLossOfTheRunsLastEvaluation() throws IOException {
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        JsonNode logged =
                new ObjectMapper().readTree(lines.get(lines.size() - 1)).path("validation");
        JsonNode ablation = succeed("ablate", run, "--dims", "3", "--baseline", "none", "--eval-rows", "8", "--json")
                .json();
        assertThat(ablation.at("/evaluation/kind").asText()).isEqualTo("replaced-token detection");
        assertThat(ablation.at("/evaluation/predictions").asInt()).isEqualTo(8 * 24);
        assertThat(ablation.at("/full/loss").asDouble())
                .isCloseTo(logged.path("rtd_loss").asDouble(), within(1e-6));
        assertThat(ablation.at("/full/accuracy").asDouble())
                .isEqualTo(logged.path("rtd_accuracy").asDouble());
        assertThat(ablation.at("/full").has("perplexity")).isFalse();
    }

    @Test
    void ablate_measuresAGenerator_byItsMaskedTokens() throws IOException {
        JsonNode ablation = succeed(
                        "ablate",
                        last.resolve("generator"),
                        "--dims",
                        "3",
                        "--baseline",
                        "none",
                        "--eval",
                        "wordnet",
                        "--eval-rows",
                        "4",
                        "--json")
                .json();
        assertThat(ablation.at("/evaluation/kind").asText()).isEqualTo("masked language model");
        assertThat(ablation.at("/full/loss").asDouble()).isBetween(5.0, 7.0);
    }

    @Test
    void emergence_readsEitherNetwork() throws IOException {
        JsonNode discriminator =
                succeed("emergence", run, "--sigma", "1", "--json").json();
        JsonNode generator = succeed("emergence", run, "--sigma", "1", "--network", "generator", "--json")
                .json();
        assertThat(discriminator.toString()).contains("\"layer.1.output\"").doesNotContain("generator.layer");
        assertThat(generator.toString()).contains("generator.layer.1.output");
        assertThat(run.resolve("probes/emergence.json")).isNotEmptyFile();
        assertThat(run.resolve("probes/emergence-generator.json")).isNotEmptyFile();
    }

    /** They are 16 wide, the hidden states 32: position 3 of one is not position 3 of the other. */
    @Test
    void projectedEmbeddings_areNeitherEditedNorTakenForHiddenStates() throws IOException {
        CommandLineRun refused = CommandLineRun.of("ablate", run, "--dims", "3", "--sites", "embeddings");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err())
                .contains("--sites: found embeddings, expected a kind that this model has: output, attention or all");
        JsonNode correlated = succeed("outliers", run, "--json").json().findValue("word_embedding");
        assertThat(correlated).isNotNull();
        assertThat(correlated.isNull()).isTrue();
    }

    @Test
    void fill_refusesTheDiscriminator_andNamesTheGenerator() {
        CommandLineRun refused = CommandLineRun.of("fill", run, "a [MASK] tree");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err())
                .contains("language-model head: found none")
                .contains("this model is a discriminator")
                .contains("its generator in " + last.resolve("generator") + " has one");
    }

    @Test
    void aDamagedGenerator_isFoundWhereverItIsNamed() throws IOException {
        Path copy = runs.resolve("copy");
        CommandLineRun.copy(last, copy);
        Path weights = copy.resolve("generator/model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        for (Path model : List.of(copy, copy.resolve("generator"))) {
            CommandLineRun refused = CommandLineRun.of("outliers", model);
            assertThat(refused.code()).isEqualTo(2);
            assertThat(refused.err()).contains("model.safetensors").contains("manifest");
        }
    }

    /** A published discriminator has no generator beside it. */
    @Test
    void aDiscriminatorAlone_isMeasuredByTokensReplacedAtRandom_andByLabelsOfAFile() throws IOException {
        Path alone = runs.resolve("alone");
        CommandLineRun.copy(last, alone);
        for (Path file : List.of(
                alone.resolve("generator/model.safetensors"),
                alone.resolve("generator/config.json"),
                alone.resolve("manifest.json"))) {
            Files.delete(file);
        }
        JsonNode random = succeed(
                        "ablate",
                        alone,
                        "--dims",
                        "3",
                        "--baseline",
                        "none",
                        "--eval",
                        "wordnet",
                        "--eval-rows",
                        "4",
                        "--json")
                .json();
        assertThat(random.at("/evaluation/source").asText()).isEqualTo("wordnet, tokens replaced at random");
        assertThat(random.at("/full/loss").asDouble()).isBetween(0.2, 1.0);
    }

    /** By Hugging Face's figures for the whole fixture and for it without two dimensions. */
    @Test
    void labelsOfAFile_giveTheReferencesLosses() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("electra-discriminator");
        Path file = runs.resolve("labels.safetensors");
        Map<String, long[]> tensors = new LinkedHashMap<>();
        try (SafetensorsFile io = golden.io()) {
            for (String name : List.of("input_ids", "labels", "attention_mask", "token_type_ids")) {
                tensors.put(name, io.readLongs("input." + name));
            }
            LongTensors.write(file, tensors, (int) io.shape("input.labels")[0]);
        }
        JsonNode ablation = succeed(
                        "ablate", golden.folder(), "--dims", "3,17", "--baseline", "none", "--eval", file, "--json")
                .json();
        assertThat(ablation.at("/full/loss").asDouble())
                .isCloseTo(golden.expected().at("/loss/total").asDouble(), within(5e-6));
        assertThat(ablation.at("/ablations/0/loss").asDouble())
                .isCloseTo(
                        golden.expected()
                                .at("/ablation/output_ln_all/loss/total")
                                .asDouble(),
                        within(5e-6));
    }
}
