package norma.probes.classification;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.SettingMention;
import norma.datasets.json.JsonFile;
import norma.datasets.tasks.TaskKind;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.pretrained.PretrainedModel;

/**
 * What the outputs of a classifier mean, as its {@code config.json} says: {@code problem_type}, and the names in
 * {@code id2label}. Without a {@code problem_type} one output is a number, and several are classes of which one holds,
 * as Hugging Face takes them.
 *
 * @param kind what is predicted
 * @param assumption what was taken for granted, for people
 */
record ClassifierKind(TaskKind kind, Optional<String> assumption) {
    private static final String KEY = "problem_type";

    /**
     * Reads it.
     *
     * @param labels of the outputs in their order, where {@code config.json} does not name them or is wrong; empty: as
     *     it names them
     * @throws InvalidInputException if the model has no classifier, or its file and the labels do not fit
     */
    static ClassifierKind of(PretrainedModel model, List<String> labels) {
        if (model.labels().isEmpty()) {
            String leftOut = model.leftOut().isEmpty() ? "" : " (" + String.join("; ", model.leftOut()) + ")";
            throw InvalidInputException.of(
                    model.folder().toString(), "classifier", "none" + leftOut, "one, as norma finetune makes it");
        }
        Path file = new CheckpointFiles(model.folder()).config();
        int outputs = model.labels().size();
        JsonNode type = JsonFile.read(file, "a model's config.json").node().path(KEY);
        if (type.isMissingNode() || type.isNull()) {
            TaskKind kind =
                    outputs == 1 ? new TaskKind.Regression() : new TaskKind.Classification(names(model, labels));
            String meaning =
                    outputs == 1 ? "its output is taken for a number" : "of its " + outputs + " classes one holds";
            return new ClassifierKind(kind, Optional.of(file + " has no " + KEY + ": " + meaning));
        }
        return new ClassifierKind(
                switch (type.asText()) {
                    case "single_label_classification" -> new TaskKind.Classification(names(model, labels));
                    case "multi_label_classification" -> new TaskKind.MultiLabel(names(model, labels));
                    case "regression" -> number(file, outputs, labels);
                    default ->
                        throw InvalidInputException.of(
                                file.toString(),
                                KEY,
                                type,
                                "single_label_classification, multi_label_classification or regression");
                },
                Optional.empty());
    }

    private static TaskKind number(Path file, int outputs, List<String> labels) {
        if (outputs != 1) {
            throw InvalidInputException.of(
                    file.toString(), KEY, "regression with " + outputs + " outputs", "one output, which is the number");
        }
        if (!labels.isEmpty()) {
            throw InvalidInputException.setting(
                    "labels", String.join(",", labels), "none, for the model predicts a number");
        }
        return new TaskKind.Regression();
    }

    private static List<String> names(PretrainedModel model, List<String> labels) {
        List<String> names = labels.isEmpty() ? model.labels() : labels;
        if (names.size() != model.labels().size()) {
            throw InvalidInputException.setting(
                    "labels",
                    String.join(",", labels),
                    model.labels().size() + ", one for each output of " + model.folder());
        }
        if (new HashSet<>(names).size() < names.size()) {
            throw labels.isEmpty()
                    ? InvalidInputException.of(
                            new CheckpointFiles(model.folder()).config().toString(),
                            "id2label",
                            names.toString(),
                            "names that differ (" + SettingMention.of("labels") + " gives others)")
                    : InvalidInputException.setting("labels", String.join(",", labels), "names that differ");
        }
        return names;
    }
}
