package norma.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class CheckpointsTest {
    private static final List<String> FILES = List.of(
            "config.json",
            "manifest.json",
            "model.safetensors",
            "optimizer.safetensors",
            "state.json",
            "tokenizer.json",
            "tokenizer_config.json");

    @TempDir
    private Path run;

    private Path folder;
    private Checkpoints checkpoints;

    @BeforeEach
    void emptyFolder() {
        folder = run.resolve("checkpoints");
        checkpoints = new Checkpoints(folder);
    }

    private static HostTensor tensor(float first, long... shape) {
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        Arrays.fill(values, first);
        return new HostTensor(shape, values);
    }

    private static Map<String, HostTensor> weights(long step) {
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        weights.put("b", tensor((float) step, 2, 3));
        weights.put("a", tensor((float) -step, 4));
        return weights;
    }

    private static Map<String, HostTensor> moments(long step) {
        Map<String, HostTensor> moments = new LinkedHashMap<>();
        moments.put("exp_avg.b", tensor(step + 0.5f, 2, 3));
        return moments;
    }

    private static Checkpoints.Contents contents(long step) {
        ObjectMapper json = new ObjectMapper();
        ObjectNode state = json.createObjectNode().put("step", step).put("seed", 7);
        return new Checkpoints.Contents(
                networks(weights(step), moments(step)),
                "{\"version\": \"1.0\"}",
                json.createObjectNode().put("pad_token", "[PAD]"),
                state);
    }

    private static Map<String, Checkpoints.NetworkFiles> networks(
            Map<String, HostTensor> weights, Map<String, HostTensor> moments) {
        ObjectNode config = new ObjectMapper().createObjectNode().put("model_type", "bert");
        return Map.of("", new Checkpoints.NetworkFiles(config, weights, moments));
    }

    private Checkpoint write(long step) throws IOException {
        return checkpoints.write(step, contents(step));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private String newest(List<String> warnings) throws IOException {
        return checkpoints
                .newestWhole(warnings::add)
                .map(checkpoint -> checkpoint.folder().getFileName().toString())
                .orElse("none");
    }

    @Test
    void checkpoint_isReadBackAsItWasWritten() throws IOException {
        Checkpoint checkpoint = write(2000);
        assertThat(checkpoint.folder()).isEqualTo(folder.resolve("step-00002000"));
        assertThat(names()).containsExactly("step-00002000");
        try (Stream<Path> files = Files.list(checkpoint.folder())) {
            assertThat(files.map(path -> path.getFileName().toString()).sorted())
                    .isEqualTo(FILES);
        }
        assertThat(checkpoint.damage()).isEmpty();
        assertThat(checkpoint.weights().keySet()).containsExactly("b", "a");
        assertThat(checkpoint.weights().get("b").values()).containsOnly(2000f);
        assertThat(checkpoint.optimizerState().get("exp_avg.b").values()).containsOnly(2000.5f);
        assertThat(checkpoint.state().count("seed", 0)).isEqualTo(7);
        assertThat(checkpoint.folder().resolve("tokenizer.json")).hasContent("{\"version\": \"1.0\"}");
    }

    @Test
    void everyFlippedByte_isFoundAndItsFileNamed() throws IOException {
        Checkpoint checkpoint = write(1);
        for (String name : FILES) {
            if (name.equals("manifest.json")) {
                continue;
            }
            Path file = checkpoint.folder().resolve(name);
            byte[] good = Files.readAllBytes(file);
            for (int i = 0; i < good.length; i++) {
                byte[] bad = good.clone();
                bad[i] ^= (byte) (1 << (i % 8));
                Files.write(file, bad);
                assertThat(checkpoint.damage()).as("%s, byte %d", name, i).hasValueSatisfying(message -> assertThat(
                                message)
                        .isEqualTo(file + " differs from the SHA-256 in the manifest"));
            }
            Files.write(file, good);
        }
        assertThat(checkpoint.damage()).isEmpty();
    }

    @Test
    void everyFlippedByteOfTheManifestItself_isFoundOrChangesNothing() throws IOException {
        Checkpoint checkpoint = write(1);
        Path manifest = checkpoint.folder().resolve("manifest.json");
        byte[] good = Files.readAllBytes(manifest);
        int found = 0;
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 1;
            Files.write(manifest, bad);
            if (checkpoint.damage().isPresent()) {
                found++;
            } else {
                // the other files are whole, and what names or describes them was not touched
                assertThat((char) good[i]).as("byte %d", i).isIn(' ', '\n');
            }
        }
        assertThat(found).isGreaterThan(good.length / 2);
    }

    @Test
    void everyTruncationAndEveryMissingFile_isFoundAndNamed() throws IOException {
        Checkpoint checkpoint = write(1);
        for (String name : FILES) {
            Path file = checkpoint.folder().resolve(name);
            byte[] good = Files.readAllBytes(file);
            for (int length = 0; length < good.length; length += 13) {
                Files.write(file, Arrays.copyOf(good, length));
                assertThat(checkpoint.damage())
                        .as("%s cut to %d", name, length)
                        .hasValueSatisfying(message -> assertThat(message).startsWith(file.toString()));
            }
            Files.delete(file);
            assertThat(checkpoint.damage()).hasValue(file + " is missing");
            Files.write(file, good);
        }
    }

    @Test
    void newestWhole_passesOverDamagedOnes_andNamesThem() throws IOException {
        write(10);
        write(20);
        write(30);
        List<String> warnings = new ArrayList<>();
        assertThat(newest(warnings)).isEqualTo("step-00000030");
        assertThat(warnings).isEmpty();

        Files.delete(folder.resolve("step-00000030/state.json"));
        Files.writeString(folder.resolve("step-00000020/tokenizer.json"), "{}");
        assertThat(newest(warnings)).isEqualTo("step-00000010");
        assertThat(warnings)
                .containsExactly(
                        "damaged checkpoint passed over: " + folder.resolve("step-00000030/state.json") + " is missing",
                        "damaged checkpoint passed over: " + folder.resolve("step-00000020/tokenizer.json")
                                + " has 2 bytes, the manifest says 18");

        Files.delete(folder.resolve("step-00000010/manifest.json"));
        assertThat(newest(new ArrayList<>())).isEqualTo("none");
    }

    @Test
    void checkpointUnderAnotherStepsName_isNotTakenForThatStep() throws IOException {
        write(10);
        Files.move(folder.resolve("step-00000010"), folder.resolve("step-00000040"));
        List<String> warnings = new ArrayList<>();
        assertThat(newest(warnings)).isEqualTo("none");
        assertThat(warnings.get(0)).contains("state.json is of step 10, the folder's name says 40");
    }

    @Test
    void newestWhole_ofNoFolderAtAll_isNone() throws IOException {
        assertThat(newest(new ArrayList<>())).isEqualTo("none");
        checkpoints.cutAfter(-1);
        assertThat(folder).doesNotExist();
    }

    @Test
    void whatAnInterruptedWriteOrRemovalLeft_isNoCheckpoint_andGoesWithTheNextStart() throws IOException {
        write(10);
        write(20);
        Files.move(folder.resolve("step-00000020"), folder.resolve(".removing-step-00000020"));
        Files.createDirectory(folder.resolve(".writing-step-00000030"));
        Files.writeString(folder.resolve(".writing-step-00000030/model.safetensors"), "half");

        assertThat(newest(new ArrayList<>())).isEqualTo("step-00000010");
        checkpoints.cutAfter(10);
        assertThat(names()).containsExactly("step-00000010");
        assertThat(write(30).damage()).isEmpty();
    }

    @Test
    void cutAfter_removesLaterCheckpointsOnly() throws IOException {
        write(0);
        write(10);
        write(20);
        checkpoints.cutAfter(10);
        assertThat(names()).containsExactly("step-00000000", "step-00000010");
        checkpoints.cutAfter(-1);
        assertThat(names()).isEmpty();
    }

    @Test
    void keep_leavesTheNewestAndTheListed() throws IOException {
        for (long step = 0; step <= 50; step += 10) {
            write(step);
        }
        checkpoints.keep(2, Set.of(10L, 35L));
        assertThat(names()).containsExactly("step-00000010", "step-00000040", "step-00000050");
        checkpoints.keep(7, Set.of());
        assertThat(names()).hasSize(3);
    }

    @Test
    void checkpointOfTheSameStep_isReplaced() throws IOException {
        write(10);
        Checkpoints.Contents other = new Checkpoints.Contents(
                networks(weights(99), moments(10)),
                contents(10).tokenizer(),
                contents(10).tokenizerConfig(),
                contents(10).state());
        assertThat(checkpoints.write(10, other).weights().get("b").values()).containsOnly(99f);
        assertThat(names()).containsExactly("step-00000010");
    }

    @Test
    void failedWrite_leavesNothingOfItself_andTheOneBefore() throws IOException {
        write(10);
        Checkpoints.Contents good = contents(20);
        Checkpoints.Contents bad = new Checkpoints.Contents(
                networks(weights(20), Map.of("__metadata__", tensor(0, 1))), // the format keeps this name for itself
                good.tokenizer(),
                good.tokenizerConfig(),
                good.state());
        assertThatThrownBy(() -> checkpoints.write(20, bad)).isInstanceOf(IllegalArgumentException.class);
        assertThat(names()).containsExactly("step-00000010");
        assertThat(newest(new ArrayList<>())).isEqualTo("step-00000010");
    }

    @Test
    void names_doNotDependOnTheLocale() throws IOException {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertThat(String.format("%d", 10))
                    .as("this locale has digits of its own")
                    .isNotEqualTo("10");
            write(10);
        } finally {
            Locale.setDefault(before);
        }
        assertThat(names()).containsExactly("step-00000010");
    }

    @Test
    void anotherArchitecture_isRefusedNamingTheTensorAndBothShapes() throws IOException {
        Checkpoint checkpoint = write(10);
        Path model = checkpoint.folder().resolve("model.safetensors");
        checkpoint.part("").requireSameTensors(weights(0), moments(0));

        Map<String, HostTensor> wider = weights(0);
        wider.put("a", tensor(0, 8));
        assertThatThrownBy(() -> checkpoint.part("").requireSameTensors(wider, moments(0)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(model + ": tensor a: found shape [4], expected shape [8], as in this run's model");

        Map<String, HostTensor> turned = weights(0);
        turned.put("b", tensor(0, 3, 2));
        assertThatThrownBy(() -> checkpoint.part("").requireSameTensors(turned, moments(0)))
                .hasMessageContaining("tensor b: found shape [2, 3], expected shape [3, 2]");

        Map<String, HostTensor> deeper = weights(0);
        deeper.put("layer.1", tensor(0, 1));
        assertThatThrownBy(() -> checkpoint.part("").requireSameTensors(deeper, moments(0)))
                .hasMessageContaining("tensor layer.1: found none, expected shape [1]");

        Map<String, HostTensor> shallower = weights(0);
        shallower.remove("a");
        assertThatThrownBy(() -> checkpoint.part("").requireSameTensors(shallower, moments(0)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("tensor a: found shape [4], expected no tensor of that name");

        assertThatThrownBy(() -> checkpoint.part("").requireSameTensors(weights(0), Map.of()))
                .hasMessageContaining("optimizer.safetensors: tensor exp_avg.b: found shape [2, 3]");
    }
}
