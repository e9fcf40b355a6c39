package norma.trainer.finetuning;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import norma.datasets.json.JsonObject;
import norma.datasets.tasks.LabelledTask;
import norma.trainer.run.MetricsLog;

/**
 * How a fine-tuning stands after an epoch.
 *
 * @param epoch from 1
 * @param step steps taken
 * @param trainingLoss mean of the losses of the epoch's steps
 * @param devs scores on every held-out split, in the task's order
 */
public record EpochScores(int epoch, long step, double trainingLoss, List<DevScores> devs) {
    /** Copies. */
    public EpochScores {
        devs = List.copyOf(devs);
    }

    /** The number that epochs are compared by: the task's headline, averaged over its held-out splits. */
    public double headline(LabelledTask task) {
        return devs.stream()
                .mapToDouble(dev -> task.headline(dev.metrics()))
                .average()
                .orElseThrow();
    }

    /**
     * The best by the headline, of equal ones the first. An epoch whose headline is undefined (NaN) is never the best;
     * empty where all are so.
     */
    static Optional<EpochScores> best(List<EpochScores> epochs, LabelledTask task) {
        EpochScores best = null;
        for (EpochScores epoch : epochs) {
            double headline = epoch.headline(task);
            if (!Double.isNaN(headline) && (best == null || headline > best.headline(task))) {
                best = epoch;
            }
        }
        return Optional.ofNullable(best);
    }

    static void put(ArrayNode array, List<EpochScores> epochs) {
        for (EpochScores epoch : epochs) {
            ObjectNode json = array.addObject();
            json.put("epoch", epoch.epoch);
            json.put("step", epoch.step);
            MetricsLog.put(json, "training_loss", epoch.trainingLoss);
            ObjectNode devs = json.putObject("dev");
            epoch.devs.forEach(dev -> dev.putInto(devs));
        }
    }

    /**
     * As {@link #put} wrote them: epochs from the first on, each with the task's held-out splits.
     *
     * @param json has them under {@code epochs}
     * @throws norma.datasets.base.InvalidInputException if it has not
     */
    static List<EpochScores> read(JsonObject json, LabelledTask task) {
        List<EpochScores> epochs = new ArrayList<>();
        for (JsonObject epoch : json.objects("epochs")) {
            JsonObject dev = epoch.object("dev");
            List<DevScores> devs = new ArrayList<>();
            task.devs().forEach(split -> devs.add(DevScores.read(split.name(), dev, task.metrics())));
            int number = epoch.count("epoch", 1);
            if (number != epochs.size() + 1) {
                throw epoch.wrong("epoch", number, "number " + (epochs.size() + 1) + ": all of them, in their order");
            }
            epochs.add(
                    new EpochScores(number, epoch.wholeNumber("step", 1), epoch.writtenNumber("training_loss"), devs));
        }
        return epochs;
    }
}
