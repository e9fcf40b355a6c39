package norma.trainer.pretraining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.trainer.config.MicroBatchSize;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.run.ResidentMemory;
import norma.trainer.run.RunListener;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("run")
class MemoryEstimateTest {
    private static final double TOLERANCE = 0.25; // of what is measured
    private static final double GIBIBYTE = 1L << 30;

    /** As {@code ./norma} starts Java, with a heap that is small and in memory from the start. */
    private static final List<String> JAVA =
            List.of("-XX:+UseParallelGC", "-Xms192m", "-Xmx192m", "-XX:MaxNewSize=64m", "-XX:+AlwaysPreTouch");

    /** A configuration of a size that no test trains. */
    private static RunConfig config(String... settings) {
        return RunConfigYaml.parse("""
                model: {vocab_size: 8192, hidden_size: 128, num_hidden_layers: 2, num_attention_heads: 2}
                data: {sequence_length: 512}
                training: {batch_size: 96}
                """, "test", List.of(settings));
    }

    private static MemoryEstimate estimate(RunConfig config) {
        return new MemoryEstimate(config, List.of(Device.cpu()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "quickstart tokenizer.vocab_size=4096 model.vocab_size=4096",
                "bert-tiny model.vocab_size=8192",
                "roberta-tiny model.vocab_size=8192",
                "gpt2-tiny model.vocab_size=8192 training.batch_size=8",
                "electra-tiny model.vocab_size=8192",
                "bart-tiny model.vocab_size=8192 model.eos_token_id=2 training.batch_size=8",
                "xlnet-tiny model.vocab_size=8192",
                "bert-tiny model.vocab_size=8192 training.precision=bf16",
                "bert-tiny model.vocab_size=8192 training.batch_size=64 training.micro_batch_size=16 model.hidden_size=256",
                "bert-tiny model.vocab_size=8192 training.batch_size=64 model.num_hidden_layers=4 model.hidden_act=gelu_new",
            })
    void estimate_isWithinAQuarterOfWhatAProcessHasHeld(String arguments) throws Exception {
        requireWithinAQuarter(arguments);
    }

    @ParameterizedTest
    @EnabledIfSystemProperty(
            named = "norma.slow",
            matches = "true",
            disabledReason = "takes minutes and 6 GiB; -Dnorma.slow=true runs it")
    @ValueSource(
            strings = {
                "gpt2-tiny model.vocab_size=8192",
                "bart-tiny model.vocab_size=8192 model.eos_token_id=2",
                "bert-mini model.vocab_size=8192",
                "gpt2-mini model.vocab_size=8192",
                "bert-small model.vocab_size=8192",
                "bert-medium",
                "gpu/bert-base device=cpu training.precision=float32 training.batch_size=32 training.micro_batch_size=16",
            })
    void estimateOfLargerOnes_isWithinAQuarterToo(String arguments) throws Exception {
        requireWithinAQuarter(arguments);
    }

    private static void requireWithinAQuarter(String arguments) throws Exception {
        assumeTrue(ResidentMemory.peakBytes().isPresent(), "this system does not tell what a process has held");
        String[] words = arguments.split(" ", -1);
        Path root = Path.of(System.getProperty("norma.root", ".."));
        words[0] = root.resolve("configs").resolve(words[0] + ".yaml").toString();

        double[] measured = run(words);

        if (Boolean.getBoolean("norma.slow")) {
            System.err.printf(
                    "%s: estimated %.0f, measured %.0f MiB%n", arguments, measured[0] / 0x1p20, measured[1] / 0x1p20);
        }
        assertThat(measured[0])
                .as("%s: estimated %.0f, measured %.0f MiB", arguments, measured[0] / 0x1p20, measured[1] / 0x1p20)
                .isCloseTo(measured[1], within(TOLERANCE * measured[1]));
    }

    private static double[] run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JAVA);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MeasuredTraining.class.getName()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment()
                .putAll(Map.of(
                        "MALLOC_ARENA_MAX", "1",
                        "MALLOC_TRIM_THRESHOLD_", "17179869184",
                        "MALLOC_MMAP_THRESHOLD_", "17179869184"));
        Process process = builder.start();
        String out;
        try (InputStream stream = process.getInputStream()) {
            out = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertThat(process.waitFor()).as(out).isZero();
        List<String> lines = out.lines().toList();
        return Arrays.stream(lines.get(lines.size() - 1).split(" ", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    @Test
    void whatDoesNotFit_isRefusedWithTheMicroBatchThatDoes() {
        MemoryEstimate estimate = estimate(config());
        double room = estimate.bytes(24);
        assertThat(estimate.bytes(32)).isGreaterThan(room);

        estimate.require(RunListener.NONE, estimate.bytes(96));
        assertThatThrownBy(() -> estimate.require(RunListener.NONE, room))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("config: training.micro_batch_size: found 96, expected at most 24 or a smaller"
                        + " data.sequence_length: 96 sequences of 512 tokens in memory at once take about ")
                .hasMessageEndingWith(" free in this machine");
        estimate(config("training.micro_batch_size=24")).require(RunListener.NONE, room);
    }

    @Test
    void whereNotEvenOneSequenceFits_theModelIsTooLarge() {
        assertThatThrownBy(() -> estimate(config()).require(RunListener.NONE, 1000))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(
                        "found 96, expected a smaller model or a smaller data.sequence_length: 1 sequences");
    }

    @Test
    void auto_isTheLargestDivisorThatFits_andOneWhereNoneDoes() {
        RunConfig auto = config("training.micro_batch_size=auto");
        assertThat(auto.training().microBatchSize().isAuto()).isTrue();
        MemoryEstimate estimate = estimate(auto);

        assertThat(decided(estimate, estimate.bytes(96))).isEqualTo(96);
        assertThat(decided(estimate, estimate.bytes(96) - 1)).isEqualTo(48);
        assertThat(decided(estimate, estimate.bytes(31))).isEqualTo(24);
        assertThat(decided(estimate, 0)).isEqualTo(1);
        assertThat(estimate(config()).decided(RunListener.NONE))
                .as("a number stays")
                .isEqualTo(config());
    }

    private static int decided(MemoryEstimate estimate, double room) {
        return estimate.decided(RunListener.NONE, room)
                .training()
                .microBatchSize()
                .rows();
    }

    @Test
    void auto_isWrittenAsItWasRead_andAsTheNumberOnceItIsDecided() {
        RunConfig auto = config("training.micro_batch_size=auto");
        assertThat(RunConfigYaml.write(auto)).contains("micro_batch_size: \"auto\"");
        assertThat(RunConfigYaml.parse(RunConfigYaml.write(auto), "test", List.of()))
                .isEqualTo(auto);
        assertThat(RunConfigYaml.write(auto.withMicroBatchSize(new MicroBatchSize(8))))
                .contains("micro_batch_size: 8");
    }

    @Test
    void memoryGrowsWithEverythingThatIsKept() {
        double base = estimate(config()).bytes(96);
        for (String setting : List.of(
                "model.num_hidden_layers=3",
                "model.vocab_size=30522",
                "model.intermediate_size=1024",
                "device=\"cpu,cpu\"")) {
            RunConfig larger = config(setting);
            List<Device> devices = larger.devices();
            assertThat(new MemoryEstimate(larger, devices).bytes(96))
                    .as(setting)
                    .isGreaterThan(base);
        }
        for (String setting : List.of(
                "model.hidden_dropout_prob=0.0",
                "model.attention_probs_dropout_prob=0.0",
                "model.hidden_act=relu",
                "optimizer.type=sgd",
                "data.sequence_length=256")) {
            assertThat(estimate(config(setting)).bytes(96)).as(setting).isLessThan(base);
        }
        assertThat(base).isBetween(4 * GIBIBYTE, 6 * GIBIBYTE);
    }
}
