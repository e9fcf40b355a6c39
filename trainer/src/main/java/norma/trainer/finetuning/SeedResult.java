package norma.trainer.finetuning;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import norma.datasets.base.Hashes;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.datasets.tasks.LabelledTask;
import norma.trainer.run.RunFiles;

/**
 * A fine-tuning with one seed that has ended.
 *
 * @param seed of its classifier, order and dropout
 * @param epochs the scores after each
 * @param best that which the checkpoint is of
 * @param checkpoint Hugging Face's BertForSequenceClassification after the best epoch
 * @param againstParent LayerNorm of that checkpoint beside the pre-trained model's
 */
public record SeedResult(
        long seed, List<EpochScores> epochs, EpochScores best, Path checkpoint, AgainstParent againstParent) {
    private static final String CHECK = "check"; // SHA-256 over the other values

    /** Writes the file that says that this seed has ended. */
    void write(Path folder) throws IOException {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("seed", seed);
        json.put("best_epoch", best.epoch());
        EpochScores.put(json.putArray("epochs"), epochs);
        json.put(CHECK, check(json));
        JsonFile.write(new RunFiles(folder).result(), json);
    }

    /**
     * The scores of a seed that has ended, empty if it has not.
     *
     * @param epochs how many there must be
     * @throws norma.datasets.base.InvalidInputException if the file does not hold them, or is not as it was written
     */
    static Optional<List<EpochScores>> read(Path folder, LabelledTask task, int epochs) {
        Path file = new RunFiles(folder).result();
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        JsonObject json = JsonFile.read(file);
        if (!json.text(CHECK).equals(check(json.node()))) {
            throw json.wrong(CHECK, json.text(CHECK), "that of the other values, which are not as they were written");
        }
        List<EpochScores> read = EpochScores.read(json, task);
        if (read.size() != epochs) {
            throw json.wrong("epochs", read.size(), epochs + ", as the run was begun with");
        }
        return Optional.of(read);
    }

    private static String check(ObjectNode json) {
        return Hashes.sha256(json.deepCopy().without(CHECK).toString());
    }
}
