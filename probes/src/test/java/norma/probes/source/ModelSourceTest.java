package norma.probes.source;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that are neither a run nor a model. */
@Tag("unit")
class ModelSourceTest {
    @TempDir
    private Path folder;

    private static void refused(Path path, String message) {
        assertThatThrownBy(() -> ModelSource.of(path, warning -> {}))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(path + ": " + message);
    }

    private static Path model(Path path) throws IOException {
        Files.createDirectories(path);
        Files.writeString(path.resolve("config.json"), "{}");
        return path;
    }

    private static Path finetuning(Path path) throws IOException {
        Files.createDirectories(path);
        Files.writeString(path.resolve("finetune.yaml"), "");
        return path;
    }

    @Test
    void aFineTuning_namesItsModels() throws IOException {
        Path tuned = finetuning(folder.resolve("tuned"));
        Files.createDirectories(tuned.resolve("seed-7"));
        refused(
                tuned,
                "is the folder of a fine-tuning, expected one that has a model: no seed of this one has ended an epoch"
                        + " yet");
        Path first = model(tuned.resolve("seed-7/checkpoint"));
        refused(tuned, "is the folder of a fine-tuning, expected its model " + first);
        refused(tuned.resolve("seed-7"), "is the folder of one seed of a fine-tuning, expected its model " + first);
        Path last = model(tuned.resolve("seed-10/checkpoint"));
        refused(
                tuned,
                "is the folder of a fine-tuning, expected one of its models, each of a seed's best epoch: " + first
                        + ", " + last);
        Path second = model(tuned.resolve("seed-8/checkpoint"));
        model(tuned.resolve("seed-11/checkpoint"));
        refused(
                tuned,
                "is the folder of a fine-tuning, expected one of its models, each of a seed's best epoch: " + first
                        + ", " + second + ", " + last + ", \u2026 (4 in all)");
    }

    @Test
    void fineTuningsAlongARun_andCheckpoints_nameTheLast() throws IOException {
        Path along = folder.resolve("along");
        model(finetuning(along.resolve("step-00000003")).resolve("seed-1/checkpoint"));
        Path last = model(finetuning(along.resolve("step-00000006")).resolve("seed-1/checkpoint"));
        refused(
                along,
                "is the folder of several fine-tunings, one for each checkpoint of a run, expected one of their"
                        + " models, such as " + last);
        Path checkpoints = folder.resolve("run/checkpoints");
        model(checkpoints.resolve("step-00000000"));
        Path newest = model(checkpoints.resolve("step-00000006"));
        refused(
                checkpoints,
                "is the folder of a run's checkpoints, expected one of them (the last is " + newest + ") or the run");
    }

    @Test
    void aFolderOfSomethingElse_isNoModel() {
        refused(folder, "has neither config.yaml nor config.json, expected a run or a checkpoint folder");
    }
}
