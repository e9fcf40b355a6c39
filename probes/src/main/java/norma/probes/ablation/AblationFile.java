package norma.probes.ablation;

import java.nio.file.Path;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/**
 * {@code ablation.json}, as {@link AblationJson} makes it, read again. What others show or draw of it must be there and
 * of its type; keys that files of earlier commits lack may be missing.
 */
public final class AblationFile {
    private AblationFile() {}

    /**
     * Reads a file.
     *
     * @throws norma.datasets.base.InvalidInputException naming file and key of what is missing or of another type
     */
    public static JsonObject read(Path file) {
        JsonObject json = JsonFile.read(file, "what norma ablate keeps");
        require(json);
        return json;
    }

    /** Refuses an object that is not such a file's. */
    public static void require(JsonObject json) {
        if (json.has("evaluation")) {
            json.object("evaluation").text("kind");
        }
        json.objects("checkpoints").forEach(AblationFile::requireCheckpoint);
    }

    private static void requireCheckpoint(JsonObject checkpoint) {
        checkpoint.number("step");
        checkpoint.object("full").number("loss");
        for (JsonObject ablation : checkpoint.objects("ablations")) {
            ablation.text("name");
            ablation.number("loss");
            ablation.wholeNumbers("dimensions", 0);
        }
        if (checkpoint.has("baseline")) {
            requireBaseline(checkpoint.object("baseline"));
        }
        if (checkpoint.has("baselines")) {
            checkpoint.objects("baselines").forEach(AblationFile::requireBaseline);
        }
    }

    private static void requireBaseline(JsonObject baseline) {
        baseline.textIfAny("others");
        baseline.number("loss_mean");
        baseline.number("loss_std");
        baseline.number("dimensions_per_draw");
        baseline.textIfAny("name");
        if (baseline.has("draws")) {
            baseline.objects("draws");
        }
    }
}
