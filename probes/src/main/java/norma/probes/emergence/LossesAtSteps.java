package norma.probes.emergence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import norma.datasets.base.InvalidInputException;
import norma.trainer.run.MetricsLog;
import norma.trainer.run.RunFiles;

/** Training and validation loss of a run, as its {@code metrics.jsonl} has them. */
public final class LossesAtSteps {
    private final TreeMap<Long, Double> training = new TreeMap<>();
    private final TreeMap<Long, Double> validation = new TreeMap<>();
    private OptionalDouble contextFree = OptionalDouble.empty();

    private LossesAtSteps() {}

    /**
     * Reads a run's metrics.
     *
     * @return null if the folder has none
     * @throws InvalidInputException if a whole line is not JSON
     */
    public static LossesAtSteps read(Path run) throws IOException {
        Path file = new RunFiles(run).metrics();
        if (!Files.isRegularFile(file)) {
            return null;
        }
        LossesAtSteps losses = new LossesAtSteps();
        for (JsonNode line : MetricsLog.read(file)) {
            long step = line.path("step").asLong();
            if (line.path("loss").isNumber()) { // null where it was not finite
                losses.training.put(step, line.get("loss").asDouble());
            }
            JsonNode validation = MetricsLog.validationLoss(line);
            if (validation.isNumber()) {
                losses.validation.put(step, validation.asDouble());
            }
            if (line.at("/validation/context_free_loss").isNumber()) {
                losses.contextFree = OptionalDouble.of(
                        line.at("/validation/context_free_loss").asDouble());
            }
        }
        return losses;
    }

    /** The best validation loss without context; empty in a run of before it was measured. */
    OptionalDouble contextFree() {
        return contextFree;
    }

    /** When the validation loss was where prediction without context is; empty in such a run. */
    public Optional<Plateau> plateau() {
        return Plateau.of(this);
    }

    /** Validation losses by step. */
    Map<Long, Double> validation() {
        return validation;
    }

    /** Training losses by step. */
    Map<Long, Double> training() {
        return training;
    }

    /** Adds the losses logged last at or before a step, each with the step at which it was. */
    void put(ObjectNode json, long step) {
        Map.Entry<Long, Double> train = training.floorEntry(step);
        Map.Entry<Long, Double> held = validation.floorEntry(step);
        if (train != null) {
            json.put("training_loss", train.getValue());
            json.put("training_loss_step", train.getKey());
        }
        if (held != null) {
            json.put("validation_loss", held.getValue());
            json.put("validation_loss_step", held.getKey());
        }
    }
}
