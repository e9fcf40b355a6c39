package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.cli.CommandLineRun;
import norma.cli.ShipsTask;
import norma.cli.TrainedRunTests;
import norma.datasets.files.DurableFiles;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A checkpoint folder that is no longer what was written is refused by every command, however it is named. */
@Tag("run")
class DamagedCheckpointTest extends TrainedRunTests {
    private static final String NORM = "bert.encoder.layer.1.output.LayerNorm.weight";

    private static ShipsTask ships;

    private Path copy;
    private Path checkpoint;

    @BeforeAll
    static void writeTask() throws IOException {
        ships = ShipsTask.in(shared);
    }

    @BeforeEach
    void copy() throws IOException {
        copy = CommandLineRun.copy(run, folder.resolve("run"));
        checkpoint = copy.resolve("checkpoints/step-00000006");
    }

    /** The commands that are given a model, on a folder. */
    private Map<String, List<Object>> commands(Path model) {
        Path text = shared.resolve("ships.txt");
        Map<String, List<Object>> commands = new LinkedHashMap<>();
        commands.put("outliers", List.of("outliers", model));
        commands.put(
                "ablate",
                List.of("ablate", model, "--dims", "3", "--eval", text, "--eval-rows", "8", "--sequence-length", "16"));
        commands.put("fill", List.of("fill", model, "The 3 old [MASK] sail"));
        commands.put(
                "attention",
                List.of("attention", model, "--eval", text, "--eval-rows", "8", "--sequence-length", "16"));
        commands.put("finetune", ships.finetune(model, folder.resolve("tuned"), "--epochs", 1, "--seeds", 1));
        commands.put("import", List.of("import", model, "--out", folder.resolve("imported")));
        return commands;
    }

    /** One bit of the first value of a LayerNorm's weight: 0.99… becomes 0.06…, which no reader can find odd. */
    private static Path flipABitOfALayerNorm(Path checkpoint) throws IOException {
        Path weights = checkpoint.resolve("model.safetensors");
        float before = first(weights);
        byte[] bytes = Files.readAllBytes(weights);
        byte[] value = ByteBuffer.allocate(Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(before)
                .array();
        for (int at = bytes.length - 4; at >= 0; at--) {
            if (Arrays.equals(bytes, at, at + 4, value, 0, 4)) {
                bytes[at + 3] ^= 2;
                Files.write(weights, bytes);
                if (first(weights) != before) {
                    return weights;
                }
                bytes[at + 3] ^= 2; // the same value, of another tensor
            }
        }
        throw new AssertionError("the value was not found");
    }

    private static float first(Path weights) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            return file.read(NORM).values()[0];
        }
    }

    @Test
    void aFlippedBitOfALayerNorm_isRefusedByEveryCommand_throughFolderAndLink() throws IOException {
        Path weights = flipABitOfALayerNorm(checkpoint);
        Path link = Files.createSymbolicLink(folder.resolve("model"), checkpoint);
        for (Path named : List.of(checkpoint, link)) {
            for (Map.Entry<String, List<Object>> command : commands(named).entrySet()) {
                CommandLineRun.of(command.getValue().toArray())
                        .assertRefused(named.resolve(weights.getFileName())
                                + " differs from the SHA-256 in the manifest, expected the files that were written with"
                                + " manifest.json");
            }
        }
        CommandLineRun.of("import", weights, "--out", folder.resolve("imported"))
                .assertRefused(weights + " differs from the SHA-256");
        assertThat(folder.resolve("imported")).doesNotExist();
        assertThat(folder.resolve("tuned")).doesNotExist();
    }

    @Test
    void everyFileOfTheFolderCounts_andSoDoesTheManifest() throws IOException {
        for (String name : List.of(
                "config.json",
                "optimizer.safetensors",
                "state.json",
                "tokenizer.json",
                "tokenizer_config.json",
                "README.md",
                "manifest.json")) {
            Path file = checkpoint.resolve(name);
            byte[] good = Files.readAllBytes(file);
            byte[] bad = good.clone();
            bad[bad.length / 2] ^= 1;
            Files.write(file, bad);
            CommandLineRun.of("outliers", checkpoint).assertRefused(checkpoint.toString());
            CommandLineRun.of("import", checkpoint, "--out", folder.resolve("imported"))
                    .assertRefused(checkpoint.toString());
            Files.write(file, good);
        }
        Files.writeString(checkpoint.resolve("manifest.json"), "{\"files\": {}}");
        CommandLineRun.of("outliers", checkpoint)
                .assertRefused(checkpoint.resolve("manifest.json") + " does not list config.json");
    }

    @Test
    void aWholeFolder_isTaken_andSoIsOneWithoutAManifest() throws IOException {
        Path foreign = CommandLineRun.copy(checkpoint, folder.resolve("foreign"));
        flipABitOfALayerNorm(foreign);
        Files.delete(foreign.resolve("manifest.json"));
        for (Path model : List.of(checkpoint, foreign)) {
            for (Map.Entry<String, List<Object>> command : commands(model).entrySet()) {
                List<Object> words = new ArrayList<>(command.getValue());
                words.addAll(command.getKey().equals("finetune") ? List.of("--run", model.getFileName()) : List.of());
                CommandLineRun done = CommandLineRun.of(words.toArray());
                assertThat(done.code()).as(done.err()).isZero();
            }
            DurableFiles.delete(folder.resolve("imported"));
        }
    }

    @Test
    void aReport_skipsADamagedNewestCheckpoint_andSaysSo() throws IOException {
        Path weights = flipABitOfALayerNorm(checkpoint);
        CommandLineRun report = CommandLineRun.of("report", copy);
        assertThat(report.code()).as(report.err()).isZero();
        assertThat(report.err()).contains("damaged checkpoint passed over: " + weights);
        assertThat(Files.readString(copy.resolve("report.html"))).contains("at step 3", "checkpoints/step-00000003");
    }

    @Test
    void aFinishedSeedsModel_isCheckedWhenTheFineTuningIsResumed() throws IOException {
        Path tuned = folder.resolve("tuned");
        Object[] finetune = ships.finetune(checkpoint, tuned, "--epochs", 1, "--seeds", 1, "--run", "ships")
                .toArray();
        assertThat(CommandLineRun.of(finetune).code()).isZero();
        Path best = tuned.resolve("ships/seed-1/checkpoint");
        assertThat(CommandLineRun.of("resume", tuned.resolve("ships")).code()).isZero();
        byte[] good = Files.readAllBytes(best.resolve("model.safetensors"));

        Path weights = flipABitOfALayerNorm(best);
        CommandLineRun.of("resume", tuned.resolve("ships")).assertRefused(weights + " differs from the SHA-256");
        CommandLineRun.of("outliers", best).assertRefused(weights + " differs from the SHA-256");

        Files.write(weights, good);
        Files.writeString(best.resolve("tokenizer.json"), "{}");
        CommandLineRun.of("resume", tuned.resolve("ships"))
                .assertRefused(best.resolve("tokenizer.json") + " has 2 bytes, the manifest says");
    }

    @Test
    void theCheckpointThatAFineTuningBeganFrom_isCheckedWhenItIsResumed() throws IOException {
        Path tuned = folder.resolve("tuned");
        Object[] finetune = ships.finetune(checkpoint, tuned, "--epochs", 1, "--seeds", 1, "--run", "ships")
                .toArray();
        assertThat(CommandLineRun.of(finetune).code()).isZero();
        Path weights = flipABitOfALayerNorm(checkpoint);
        CommandLineRun.of("resume", tuned.resolve("ships")).assertRefused(weights + " differs from the SHA-256");
    }
}
