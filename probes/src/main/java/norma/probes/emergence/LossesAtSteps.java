package norma.probes.emergence;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import norma.datasets.base.InvalidInputException;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsLine;
import norma.trainer.run.MetricsReader;
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
        MetricsReader.read(file, line -> {
            losses.take(line);
            return true;
        });
        return losses;
    }

    private void take(MetricsLine line) {
        line.figure(MetricNames.LOSS).ifPresent(loss -> training.put(line.step(), loss));
        line.validationLoss().ifPresent(loss -> validation.put(line.step(), loss));
        OptionalDouble level = line.validation(MetricNames.CONTEXT_FREE_LOSS);
        contextFree = level.isPresent() ? level : contextFree;
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
    public SortedMap<Long, Double> validation() {
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
