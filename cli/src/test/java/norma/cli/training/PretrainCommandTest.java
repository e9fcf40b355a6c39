package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.cli.TinyRunTests;
import norma.cli.terminal.ExitCode;
import norma.trainer.config.RunConfigYaml;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("run")
class PretrainCommandTest extends TinyRunTests {
    @Test
    void json_isAllThatStandardOutputHolds_andAgreesWithTheMetrics() throws IOException {
        CommandLineRun run = CommandLineRun.of("pretrain", config, "--runs", runs, "--json");

        assertThat(run.code()).as(run.err()).isZero();
        JsonNode result = run.json();
        assertThat(result.path("step").asLong()).isEqualTo(6);
        assertThat(result.path("interrupted").asBoolean()).isFalse();
        assertThat(result.path("sites").size()).isEqualTo(6);
        List<String> metrics = Files.readAllLines(runs.resolve("tiny/metrics.jsonl"));
        JsonNode last = new com.fasterxml.jackson.databind.ObjectMapper().readTree(metrics.get(metrics.size() - 1));
        assertThat(last.path("step").asLong()).isEqualTo(6);
        assertThat(last.path("loss").asDouble()).isEqualTo(result.path("loss").asDouble());
        JsonNode validation = last.path("validation");
        assertThat(validation.path("unigram_loss").asDouble())
                .as("no constant prediction of held-out tokens is better than their own distribution")
                .isGreaterThan(validation.path("unigram_entropy").asDouble());
        assertThat(validation.path("context_free_loss").asDouble()).isPositive();
        assertThat(run.err()).contains("step 0: validation loss").doesNotContain("Run folder:");
        assertThat(CommandLineRun.of("resume", runs.resolve("tiny")).out())
                .startsWith("Done: step 6 of 6.\n")
                .contains("Outlier dimensions by the paper's rule", "Run folder:")
                .doesNotContain("step 0: validation loss", "nothing to do");
    }

    @Test
    void runFolder_holdsTheResolvedConfigAndALog_andItsRunWasNamedAndChangedOnTheCommandLine() throws IOException {
        CommandLineRun run = CommandLineRun.of(
                "pretrain", config, "--runs", runs, "--run", "other", "--set", "training.steps=3", "--quiet");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).as("even --quiet keeps the result").startsWith("Done: step 3 of 3.\n");
        assertThat(run.err()).isEmpty();
        Path other = runs.resolve("other");
        String written = Files.readString(other.resolve("config.yaml"));
        assertThat(RunConfigYaml.parse(written, "config.yaml", List.of())
                        .training()
                        .steps())
                .isEqualTo(3);
        assertThat(written).contains("hidden_act: ", "beta2: 0.999", "vocab_size: ");
        assertThat(other.resolve("norma.log")).content().contains("step 3: validation loss");
        assertThat(other.resolve("checkpoints/step-00000003")).isDirectory();
        assertThat(other.resolve("tokenizer.json")).exists();
        assertThat(other.resolve("layernorm.zarr/.zgroup")).exists();
    }

    @Test
    void microBatchOfAuto_isDecidedAndSaid_andTheRunsConfigurationHasTheNumber() {
        CommandLineRun run = CommandLineRun.of(
                "pretrain", config, "--runs", runs, "--set", "training.micro_batch_size=auto", "--verbose");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err())
                .contains(
                        "training.micro_batch_size: auto is 4 here, of 4 sequences", "memory: about ", "disk: about ");
        assertThat(runs.resolve("tiny/config.yaml")).content().contains("micro_batch_size: 4");
    }

    @Test
    void byteLevelBpe_needsNoOtherSetting() throws IOException {
        CommandLineRun run = CommandLineRun.of(
                "pretrain",
                config,
                "--runs",
                runs,
                "--run",
                "bpe",
                "--set",
                "tokenizer.type=bpe",
                "--set",
                "tokenizer.vocab_size=300",
                "--quiet");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(runs.resolve("bpe/config.yaml")).content().contains("type: \"bpe\"", "pad_token_id: 1");
        assertThat(runs.resolve("bpe/checkpoints/step-00000006/config.json"))
                .content()
                .contains("\"pad_token_id\" : 1");
    }

    @Test
    void force_replacesARun() throws IOException {
        Path run = Files.createDirectories(runs.resolve("tiny"));
        Files.writeString(run.resolve("old"), "old");
        CommandLineRun refused = CommandLineRun.of("pretrain", config, "--runs", runs, "--force", "--quiet");
        assertThat(refused.code()).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(refused.err()).contains("found something that is not a run");
        assertThat(run.resolve("old")).hasContent("old");
        Files.writeString(run.resolve("provenance.json"), "{}");

        CommandLineRun forced = CommandLineRun.of("pretrain", config, "--runs", runs, "--force", "--quiet");

        assertThat(forced.code()).as(forced.err()).isZero();
        assertThat(run.resolve("old")).doesNotExist();
        assertThat(run.resolve("config.yaml")).exists();
    }

    @Test
    void resumeOfAFinishedRun_changesNoWeight() throws IOException {
        CommandLineRun.of("pretrain", config, "--runs", runs, "--quiet");
        Path weights = runs.resolve("tiny/checkpoints/step-00000006/model.safetensors");
        byte[] before = Files.readAllBytes(weights);

        CommandLineRun resumed = CommandLineRun.of("resume", runs.resolve("tiny"), "--json");

        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.json().path("step").asLong()).isEqualTo(6);
        assertThat(Files.readAllBytes(weights)).isEqualTo(before);
    }

    @Test
    void runKilledBetweenItsLastCheckpointAndItsEnd_isFinishedByResume() throws IOException {
        CommandLineRun.of("pretrain", config, "--runs", runs, "--quiet");
        Path run = runs.resolve("tiny");
        Path provenance = run.resolve("provenance.json");
        Path png = run.resolve("probes/trajectories.png");
        Path svg = run.resolve("probes/trajectories.svg");
        byte[] pngBefore = Files.readAllBytes(png);
        byte[] svgBefore = Files.readAllBytes(svg);
        Files.writeString(png, "as of an earlier stop");
        Files.delete(svg);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = (ObjectNode) mapper.readTree(provenance.toFile());
        mapper.writeValue(provenance.toFile(), json.putNull("ended"));

        CommandLineRun resumed = CommandLineRun.of("resume", run, "--json");

        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(png).hasBinaryContent(pngBefore);
        assertThat(svg).hasBinaryContent(svgBefore);
        JsonNode finished = mapper.readTree(provenance.toFile());
        assertThat(finished.path("ended").asText()).isNotEmpty().isNotEqualTo("null");

        Files.delete(png);
        assertThat(CommandLineRun.of("resume", run).code()).isZero();
        assertThat(png).hasBinaryContent(pngBefore);
        assertThat(mapper.readTree(provenance.toFile())).isEqualTo(finished);
        assertThat(CommandLineRun.of("resume", run).err())
                .contains("is finished: step 6 of 6, nothing to do")
                .doesNotContain("memory: ", "watch it");
    }

    @Test
    void resumeFromAnEarlierCheckpoint_endsWithTheSameWeights() throws IOException {
        CommandLineRun.of("pretrain", config, "--runs", runs, "--quiet");
        Path last = runs.resolve("tiny/checkpoints/step-00000006");
        byte[] before = Files.readAllBytes(last.resolve("model.safetensors"));
        Files.delete(last.resolve("optimizer.safetensors"));

        CommandLineRun resumed = CommandLineRun.of("resume", runs.resolve("tiny"));

        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains("warning: damaged checkpoint passed over", "step-00000006");
        assertThat(Files.readAllBytes(last.resolve("model.safetensors"))).isEqualTo(before);
    }

    @Test
    void tokenizerOfARun_encodesItsText_andATrainedOneIsNotOverwritten() throws IOException {
        Path tokenizer = folder.resolve("tokenizer.json");
        Path text = folder.resolve("ships.txt");
        CommandLineRun trained = CommandLineRun.of(
                "tokenizer", "train", "--data", text, "--vocab-size", 150, "--out", tokenizer, "--json", "--quiet");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.json().path("vocabulary_size").asInt()).isLessThanOrEqualTo(150);

        CommandLineRun encoded =
                CommandLineRun.of("tokenizer", "encode", "--tokenizer", tokenizer, "--json", "old ships", "dawn");
        assertThat(encoded.json().size()).isEqualTo(2);
        assertThat(encoded.json().path(0).path("tokens").toString()).isEqualTo("[\"old\",\"ships\"]");
        CommandLineRun plain = CommandLineRun.of("tokenizer", "encode", "--tokenizer", tokenizer, "old ships");
        assertThat(plain.out().lines().toList()).hasSize(2).first().isEqualTo("old  ships");

        CommandLineRun again = CommandLineRun.of("tokenizer", "train", "--data", text, "--out", tokenizer);
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).contains("tokenizer.json: exists already");
    }

    @Test
    void doctor_measuresTheMachine() throws IOException {
        CommandLineRun run = CommandLineRun.of("doctor", "--json", "--runs", runs);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().path("engine").asText()).contains("PyTorch 2.7.1");
        assertThat(run.json().path("matrix_product_gigaflops").asDouble()).isPositive();
        assertThat(run.json().path("free_disk_gib").asDouble()).isPositive();
        assertThat(CommandLineRun.of("doctor", "--runs", runs).out()).contains("matrix_product_gigaflops");
    }

    @Test
    void bench_givesTheFractionOfPeak_andLeavesNoRunBehind() throws IOException {
        CommandLineRun run =
                CommandLineRun.of("bench", config, "--runs", runs, "--steps", 5, "--warmup", 2, "--json", "--quiet");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().path("fraction_of_peak").asDouble()).isBetween(0.0, 1.0);
        assertThat(run.json().path("fraction_of_peak_min").asDouble())
                .isLessThanOrEqualTo(run.json().path("fraction_of_peak").asDouble());
        assertThat(run.json().path("tokens_per_second").asDouble()).isPositive();
        assertThat(run.json().path("recorder_share").isNumber()).isTrue();
        assertThat(run.json().at("/model/hidden_size").asInt()).isEqualTo(16);
        assertThat(run.json().path("parameters").asLong()).isPositive();
        assertThat(run.json().path("predictions_per_step").asDouble()).isBetween(1.0, 64.0);
        assertThat(run.json().path("batch_share").asDouble()).isBetween(0.0, 1.0);
        assertThat(runs.toFile().list()).containsExactly(".cache");
    }

    @Test
    void benchData_givesTheRateOfTokenising_andLeavesNothingBehind() throws IOException {
        CommandLineRun run =
                CommandLineRun.of("bench", "data", config, "--runs", runs, "--rounds", 2, "--json", "--quiet");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().path("text_bytes").asLong()).isGreaterThan(10_000);
        assertThat(run.json().path("tokens").asLong()).isGreaterThan(1000);
        assertThat(run.json().at("/megabytes_per_second/min").asDouble()).isPositive();
        assertThat(run.json().at("/batch_seconds/median").asDouble()).isPositive();
        assertThat(runs.toFile().list()).containsExactly(".cache");
        assertThat(CommandLineRun.of("bench", "data", config, "--runs", runs, "--rounds", 1)
                        .out())
                .contains("MB of text a second", "batches of 4");
    }

    @Test
    void benchWithoutRounds_isRefused() {
        for (String what : List.of("data", "padding", "scaling")) {
            CommandLineRun refused = CommandLineRun.of("bench", what, config, "--runs", runs, "--rounds", 0);
            assertThat(refused.code()).isEqualTo(2);
            assertThat(refused.err())
                    .contains("command line: --rounds: found 0, expected a whole number of at least 1");
        }
    }

    @Test
    void benchPadding_timesTextsOfAllLengths() throws IOException {
        CommandLineRun run =
                CommandLineRun.of("bench", "padding", config, "--runs", runs, "--rounds", 2, "--json", "--quiet");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().path("padding_share").asDouble()).isBetween(0.35, 0.55);
        assertThat(run.json().path("processed_share").asDouble())
                .isBetween(1 - run.json().path("padding_share").asDouble(), 0.7);
        assertThat(run.json().at("/time_ratio/median").asDouble()).isPositive();
        assertThat(run.json().at("/padded_step_seconds/max").asDouble()).isPositive();
        assertThat(CommandLineRun.of("bench", "padding", config, "--runs", runs, "--rounds", 1)
                        .out())
                .contains("a full step", "time ratio");
    }

    @Test
    void benchLong_comparesBothEndsOfARunWithFreshProcesses_andKeepsIt() throws IOException {
        CommandLineRun run = CommandLineRun.of(
                "bench",
                "long",
                config,
                "--set",
                "training.steps=100",
                "--comparisons",
                1,
                "--steps",
                2,
                "--runs",
                runs,
                "--run",
                "long",
                "--json",
                "--quiet");

        assertThat(run.code()).as(run.err()).isZero();
        JsonNode json = run.json();
        double first = json.at("/first_tenth/ratio/median").asDouble();
        double last = json.at("/last_tenth/ratio/median").asDouble();
        assertThat(json.path("drift").asDouble()).isCloseTo(last / first - 1, within(1e-12));
        for (String tenth : List.of("first_tenth", "last_tenth")) {
            assertThat(json.at("/" + tenth + "/fresh_step_seconds/median").asDouble())
                    .isPositive();
            assertThat(json.at("/" + tenth + "/stretches")).hasSize(1);
        }
        assertThat(json.at("/last_tenth/stretches/0/to").asInt()).isEqualTo(100);
        assertThat(runs.resolve("long/metrics.jsonl")).exists();
        assertThat(runs.toFile().list()).containsExactlyInAnyOrder(".cache", "long");
    }

    @Test
    void benchLongOfAShortRun_isRefused_beforeTheRun() {
        CommandLineRun refused =
                CommandLineRun.of("bench", "long", config, "--set", "training.steps=100", "--runs", runs);

        refused.assertRefused("--set training.steps=100: found 100, expected at least 1000");
        assertThat(runs).doesNotExist();
    }

    @Test
    void benchScaling_givesTheExponentsOfEachAxis_andLeavesNothingBehind() throws IOException {
        CommandLineRun run =
                CommandLineRun.of("bench", "scaling", config, "--runs", runs, "--rounds", 1, "--json", "--quiet");

        assertThat(run.code()).as(run.err()).isZero();
        JsonNode axes = run.json().path("axes");
        assertThat(axes.findValuesAsText("axis"))
                .containsExactly("tokens_per_step", "hidden_size", "num_hidden_layers", "vocab_size");
        for (JsonNode axis : axes) {
            long first = axis.at("/points/0/value").asLong();
            for (int i = 0; i < 4; i++) {
                assertThat(axis.at("/points/" + i + "/value").asLong()).isEqualTo(first << i);
                assertThat(axis.at("/points/" + i + "/step_seconds/median").asDouble())
                        .isPositive();
            }
            assertThat(axis.at("/time_law/exponent").isNumber()).isTrue();
            assertThat(axis.at("/time_law/exponent_of_last_two").isNumber()).isTrue();
            assertThat(axis.at("/time_law/r_squared").asDouble()).isBetween(0.0, 1.0);
            assertThat(axis.at("/time_law/largest_residual").asDouble()).isNotNegative();
        }
        // Logits only at predicted positions, so a batch's operations are in proportion to its rows but for their
        // number.
        assertThat(axes.at("/0/useful_flops_law/exponent").asDouble()).isBetween(0.9, 1.1);
        assertThat(axes.at("/0/points/0/value").asLong()).isEqualTo(4 * 16);
        assertThat(axes.at("/1/points/3/value").asLong()).isEqualTo(8 * 16);
        assertThat(axes.at("/1/useful_flops_law/exponent_of_last_two").asDouble())
                .isBetween(1.0, 2.0);
        assertThat(runs.toFile().list()).containsExactly(".cache");
        assertThat(CommandLineRun.of("bench", "scaling", config, "--runs", runs, "--rounds", 1)
                        .out())
                .contains("tokens_per_step", "vocab_size", "exponent ", "useful GFLOP");
    }

    @Test
    void benchScaling_refusesABatchThatCannotGrow() {
        CommandLineRun refused = CommandLineRun.of(
                "bench", "scaling", config, "--runs", runs, "--set", "training.batch_size=100", "--quiet");

        refused.assertRefused("--set training.batch_size=100: found 100, expected at most ");
        assertThat(runs.toFile().list()).containsExactly(".cache");
    }

    @Test
    void everyHelp_namesTheExitCodes() {
        for (String command : List.of("pretrain", "resume", "tokenizer", "bench", "doctor")) {
            CommandLineRun help = CommandLineRun.of(command, "--help");
            assertThat(help.code()).isZero();
            assertThat(help.out()).contains("Usage: norma " + command, "130", "interrupted by Ctrl-C");
        }
        assertThat(CommandLineRun.of("tokenizer", "train", "--help").out()).contains("130");
    }
}
