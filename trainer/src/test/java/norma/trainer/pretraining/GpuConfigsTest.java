package norma.trainer.pretraining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.model.Precision;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the shipped configurations for a GPU promise, and what a run on one is warned of; no GPU is asked. */
@Tag("unit")
class GpuConfigsTest {
    private static final Path CONFIGS =
            Path.of(System.getProperty("norma.root", "..")).resolve("configs");
    private static final Pattern MEMORY = Pattern.compile("# Memory: +about ([0-9.]+) GiB of the card");
    private static final double GIBIBYTE = 1L << 30;

    static List<Path> configs() throws IOException {
        try (Stream<Path> files = Files.list(CONFIGS.resolve("gpu"))) {
            return files.sorted().toList();
        }
    }

    @Test
    void thereAreThree() throws IOException {
        assertThat(configs().stream().map(file -> file.getFileName().toString()))
                .containsExactly("bert-base.yaml", "bert-medium.yaml", "paper-bert-medium.yaml");
    }

    @ParameterizedTest
    @MethodSource("configs")
    void aConfig_fillsTheCard_andItsHeaderHasTheEstimate(Path file) throws IOException {
        RunConfig config = RunConfigYaml.read(file, List.of());
        assertThat(config.device()).isEqualTo("gpu");
        assertThat(config.training().precision()).isEqualTo(Precision.BF16);
        assertThat(config.model().vocabSize()).isEqualTo(30_522);
        assertThat(config.model().vocabularyRows()).isEqualTo(30_528);
        int rows = config.training().microBatchSize().rows();
        assertThat(rows * config.data().sequenceLength()).isGreaterThanOrEqualTo(16_384);
        assertThat(LaunchEstimate.warning(config, true, 1)).isEmpty();

        double estimate = new MemoryEstimate(config, List.of(Device.gpu(0))).bytes(rows) / GIBIBYTE;
        Matcher header = MEMORY.matcher(Files.readString(file));
        assertThat(header.find()).as("a line of memory").isTrue();
        assertThat(Double.parseDouble(header.group(1))).isCloseTo(estimate, within(0.1));
    }

    private static RunConfig config(String file, String... settings) {
        return RunConfigYaml.read(CONFIGS.resolve(file), List.of(settings));
    }

    @Test
    void fewTokensAtOnce_areWarnedOf_onAGpuOnly_withWhatIsEnough() {
        RunConfig few = config("gpu/bert-medium.yaml", "training.micro_batch_size=16");
        assertThat(LaunchEstimate.warning(few, false, 1)).isEmpty();
        assertThat(LaunchEstimate.warning(few, true, 1)).hasValueSatisfying(warning -> assertThat(warning)
                .startsWith("a micro-batch of 2,048 tokens keeps a GPU waiting: its matrix products take about ")
                .endsWith("training.micro_batch_size: 32 is enough"));
        assertThat(LaunchEstimate.warning(config("gpu/bert-medium.yaml", "training.micro_batch_size=32"), true, 1))
                .isEmpty();
        assertThat(LaunchEstimate.warning(
                        config("bert-tiny.yaml", "model.vocab_size=8192", "training.precision=bf16"), true, 1))
                .hasValueSatisfying(warning -> assertThat(warning).contains("a larger training.batch_size"));
        RunConfig exact = config("gpu/bert-medium.yaml", "training.micro_batch_size=16", "training.precision=float32");
        assertThat(LaunchEstimate.warning(exact, true, 1)).isEmpty();
    }
}
