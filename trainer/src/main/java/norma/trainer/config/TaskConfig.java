package norma.trainer.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.PathText;
import norma.datasets.tasks.HeldOut;
import norma.datasets.tasks.LabelType;
import norma.datasets.tasks.OwnFiles;
import norma.datasets.tasks.TaskSource;
import norma.datasets.tasks.TextColumns;

/**
 * A labelled task: a known one, or files of one's own with named columns. What does not apply is null.
 *
 * @param task a known task, such as rte, sst-2 or wordnet
 * @param data GLUE's folder, or the task's own, for the tasks of GLUE
 * @param name of a task of one's own; null: that of the folder that its training file is in
 * @param train its training file
 * @param dev its held-out file
 * @param devShare in place of that, the share of the training file that is held out
 * @param textColumn the column of the text
 * @param textPairColumn the column of the second text, where there is one
 * @param labelColumn the column of the label
 * @param kind {@code classification}, {@code multi-label} or {@code regression}; null: what the labels look like
 * @param labelSeparator between the labels of a multi-label task
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record TaskConfig(
        String task,
        String data,
        String name,
        String train,
        String dev,
        Double devShare,
        String textColumn,
        String textPairColumn,
        String labelColumn,
        String kind,
        String labelSeparator) {
    private static final String GROUP = "task";

    public TaskConfig {
        PathText.require(GROUP, "data", data);
        PathText.require(GROUP, "train", train);
        PathText.require(GROUP, "dev", dev);
        if (task == null) {
            Requirement.require(
                    train != null,
                    GROUP,
                    "task",
                    "none",
                    "a task's name, or files of your own to train on and to hold out");
            if (devShare == null) {
                need(dev, "dev", "the held-out file, or the share of the training file to hold out, such as 0.1");
            } else {
                Requirement.require(dev == null, GROUP, "dev", dev, "none beside a share of the training file");
                new HeldOut.Share(devShare); // which checks it
            }
            need(textColumn, "text_column", "the column of the text");
            need(labelColumn, "label_column", "the column of the label");
            Requirement.require(
                    name == null || !name.isBlank(), GROUP, "name", name, "a name with a character that is no blank");
            Requirement.require(data == null, GROUP, "data", data, "none beside files of your own");
            Requirement.require(
                    kind == null || LabelType.named(kind).isPresent(),
                    GROUP,
                    "kind",
                    kind,
                    "one of " + String.join(", ", LabelType.keys()));
        } else {
            refuse(name, "name");
            refuse(train, "train");
            refuse(dev, "dev");
            refuse(devShare, "dev_share");
            refuse(textColumn, "text_column");
            refuse(textPairColumn, "text_pair_column");
            refuse(labelColumn, "label_column");
            refuse(kind, "kind");
            refuse(labelSeparator, "label_separator");
        }
    }

    private static void need(String value, String key, String expected) {
        Requirement.require(value != null, GROUP, key, "none", expected);
    }

    private static void refuse(Object value, String key) {
        Requirement.require(value == null, GROUP, key, value, "none beside a task that Norma knows");
    }

    /**
     * Where the task comes from.
     *
     * @throws InvalidInputException if there is no such task, or the columns cannot be right
     */
    public TaskSource source() {
        if (task != null) {
            return TaskSource.named(task, data == null ? null : Path.of(data));
        }
        LabelType type = kind == null ? null : LabelType.named(kind).orElseThrow();
        HeldOut heldOut = devShare == null ? new HeldOut.InFile(Path.of(dev)) : new HeldOut.Share(devShare);
        TextColumns texts = new TextColumns(textColumn, textPairColumn);
        return new OwnFiles(name, Path.of(train), heldOut, texts, labelColumn, type, labelSeparator);
    }
}
