package norma.trainer.finetuning;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import norma.datasets.files.DurableFiles;
import norma.datasets.tasks.LabelledTask;

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
    private static final String FILE = "result.json";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Writes the file that says that this seed has ended. */
    static void write(Path folder, long seed, List<EpochScores> epochs, LabelledTask task) throws IOException {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("seed", seed);
        json.put("best_epoch", EpochScores.best(epochs, task).epoch());
        EpochScores.put(json.putArray("epochs"), epochs);
        DurableFiles.write(
                folder.resolve(FILE),
                MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json).getBytes(StandardCharsets.UTF_8));
    }

    /** The scores of a seed that has ended, empty if it has not. */
    static Optional<List<EpochScores>> read(Path folder, LabelledTask task) throws IOException {
        Path file = folder.resolve(FILE);
        return Files.exists(file)
                ? Optional.of(EpochScores.read(MAPPER.readTree(file.toFile()).path("epochs"), task))
                : Optional.empty();
    }
}
