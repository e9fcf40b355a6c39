package norma.trainer.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tasks.LabelType;
import norma.datasets.tasks.OwnFiles;
import norma.datasets.tasks.TaskSource;

/**
 * A labelled task: one that has a name, or two files with named columns. What does not apply is null.
 *
 * @param name such as rte, sst-2 or wordnet
 * @param data GLUE's folder, or the task's own, for the tasks of GLUE
 * @param train the training file of a task without a name
 * @param dev its held-out file
 * @param text its column of the text
 * @param textPair its column of the second text, where there is one
 * @param label its column of the label
 * @param kind {@code classification}, {@code multi-label} or {@code regression}; null: what the labels look like
 * @param labelSeparator between the labels of a multi-label task
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record TaskConfig(
        String name,
        String data,
        String train,
        String dev,
        String text,
        String textPair,
        String label,
        String kind,
        String labelSeparator) {
    private static final String GROUP = "task";

    public TaskConfig {
        if (name == null) {
            Requirement.require(
                    train != null,
                    GROUP,
                    "task",
                    "none",
                    "a task's name, or files of your own to train on and to hold out");
            need(dev, "dev", "the held-out file, beside the one to train on");
            need(text, "text", "the column of the text");
            need(label, "label", "the column of the label");
            Requirement.require(data == null, GROUP, "data", data, "none beside files of your own");
            Requirement.require(
                    kind == null || LabelType.named(kind).isPresent(),
                    GROUP,
                    "kind",
                    kind,
                    "one of " + String.join(", ", LabelType.keys()));
        } else {
            refuse(train, "train");
            refuse(dev, "dev");
            refuse(text, "text");
            refuse(textPair, "text_pair");
            refuse(label, "label");
            refuse(kind, "kind");
            refuse(labelSeparator, "label_separator");
        }
    }

    private static void need(String value, String key, String expected) {
        Requirement.require(value != null, GROUP, key, "none", expected);
    }

    private static void refuse(String value, String key) {
        Requirement.require(value == null, GROUP, key, value, "none beside a task's name");
    }

    /**
     * Where the task comes from.
     *
     * @throws InvalidInputException if there is no such task, or the columns cannot be right
     */
    public TaskSource source() {
        if (name != null) {
            return TaskSource.named(name, data == null ? null : Path.of(data));
        }
        LabelType type = kind == null ? null : LabelType.named(kind).orElseThrow();
        return new OwnFiles(Path.of(train), Path.of(dev), text, textPair, label, type, labelSeparator);
    }
}
