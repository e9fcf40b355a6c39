package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import norma.sweep.plan.SweepFile;
import norma.trainer.bert.BertConfig;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("unit")
class ShippedConfigsTest {
    private static final Path CONFIGS =
            Path.of(System.getProperty("norma.root", "..")).resolve("configs");

    private static final Path SWEEPS = CONFIGS.resolve("sweeps");

    static Stream<Path> sweeps() throws IOException {
        try (Stream<Path> files = Files.list(SWEEPS)) {
            return files.sorted().toList().stream();
        }
    }

    static Stream<Path> configs() throws IOException {
        try (Stream<Path> files = Files.walk(CONFIGS)) {
            return files
                    .filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(SWEEPS))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @Test
    void theConfigsThatTheReadmeNames_areAllThere() throws IOException {
        assertThat(configs().map(file -> file.getFileName().toString()))
                .contains(
                        "quickstart.yaml",
                        "bert-tiny.yaml",
                        "bert-mini.yaml",
                        "bert-small.yaml",
                        "bert-medium.yaml",
                        "bert-base.yaml",
                        "paper-bert-medium.yaml");
    }

    @ParameterizedTest
    @MethodSource("configs")
    void everyConfig_loads_roundTrips_andSaysHowItIsLaunched(Path file) throws IOException {
        RunConfig config = RunConfigYaml.read(file, List.of());
        String yaml = RunConfigYaml.write(config);

        assertThat(RunConfigYaml.parse(yaml, "config.yaml", List.of())).isEqualTo(config);
        assertThat(Files.readAllLines(file).get(0)).isEqualTo("# ./norma pretrain configs/" + CONFIGS.relativize(file));
        assertThat(Files.readString(file)).contains("# Duration: ", "Memory: ", "# Expect: ");
    }

    @ParameterizedTest
    @MethodSource("sweeps")
    void everySweep_loadsWithTheConfigurationOfEachRun_andSaysHowItIsLaunched(Path file) throws IOException {
        SweepFile sweep = SweepFile.read(file);

        assertThat(sweep.plan().runs())
                .hasSizeGreaterThan(1)
                .hasSameSizeAs(sweep.configs().keySet());
        assertThat(Files.readAllLines(file).get(0)).startsWith("# ./norma sweep configs/" + CONFIGS.relativize(file));
        assertThat(Files.readString(file)).contains("# Duration: ", "Memory: ", "# Expect: ");
    }

    @Test
    void theBenchmarkedShapes_areWhatTheyAreNamedFor() {
        assertShape("bert-tiny", 2, 128, 2, 8192, 32);
        assertShape("bert-mini", 4, 256, 4, 8192, 32);
        assertShape("bert-medium", 8, 512, 8, 30522, 16);
    }

    private static void assertShape(String name, int layers, int width, int heads, int vocabulary, int batch) {
        RunConfig config = RunConfigYaml.read(CONFIGS.resolve(name + ".yaml"), List.of());
        assertThat(config.model().numHiddenLayers()).isEqualTo(layers);
        assertThat(config.model().hiddenSize()).isEqualTo(width);
        assertThat(config.model().numAttentionHeads()).isEqualTo(heads);
        BertConfig model = (BertConfig) config.model();
        assertThat(model.intermediateSize()).isEqualTo(4 * width);
        assertThat(config.tokenizer().vocabSize()).isEqualTo(vocabulary);
        assertThat(config.training().batchSize()).isEqualTo(batch);
        assertThat(config.data().sequenceLength()).isEqualTo(128);
        assertThat(model.hiddenDropoutProb()).isEqualTo(0.1);
        assertThat(model.attentionProbsDropoutProb()).isEqualTo(0.1);
    }
}
