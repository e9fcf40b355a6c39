package norma.probes.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.SettingMention;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tasks.TaskKind;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Which output of a classifier stands for which label of a task: models of one task have their labels in different
 * orders, and with the wrong one a good model scores like a bad one.
 */
final class LabelOrder {
    private final int[] outputs; // of each label of the task
    private final Optional<String> assumption;

    private LabelOrder(int[] outputs, Optional<String> assumption) {
        this.outputs = outputs;
        this.assumption = assumption;
    }

    /**
     * Compares the names of a classifier's outputs with the labels of a task.
     *
     * @param given the names as the user knows them; empty: those of the model
     * @throws InvalidInputException if they are other labels, or another number of them
     */
    static LabelOrder of(LabelledTask task, PretrainedModel bert, List<String> given) {
        List<String> expected = task.kind().labels();
        List<String> named = bert.labels();
        if (named.size() != expected.size()) {
            throw InvalidInputException.of(
                    bert.folder().toString(),
                    "classifier",
                    named.size() + " outputs",
                    expected.size() + ", which " + task.name() + " has");
        }
        if (task.kind() instanceof TaskKind.Regression) {
            if (!given.isEmpty()) {
                throw wrong(given, "none, for " + task.name() + " predicts a number");
            }
            return new LabelOrder(new int[] {0}, Optional.empty());
        }
        if (!given.isEmpty()) {
            int[] outputs = outputs(expected, given);
            if (outputs == null) {
                throw wrong(
                        given,
                        "the labels of " + task.name() + " in the order of the outputs of " + bert.folder() + ", some"
                                + " order of " + String.join(",", expected));
            }
            return new LabelOrder(outputs, Optional.empty());
        }
        int[] outputs = outputs(expected, named);
        if (outputs == null) {
            throw InvalidInputException.of(
                    bert.folder().toString(),
                    "id2label",
                    named.toString(),
                    expected + ", the labels of " + task.name() + " in their order");
        }
        return new LabelOrder(
                outputs,
                isGeneric(named, expected)
                        ? Optional.of("id2label of " + bert.folder() + " names no labels (" + String.join(", ", named)
                                + "); its outputs are taken for " + String.join(", ", expected)
                                + ", in this order (" + SettingMention.of("labels") + " sets another)")
                        : Optional.empty());
    }

    private static InvalidInputException wrong(List<String> given, String expected) {
        return InvalidInputException.setting("labels", String.join(",", given), expected);
    }

    /** Whether some output's name is its number, as Hugging Face calls it by default, where the label has another. */
    private static boolean isGeneric(List<String> named, List<String> expected) {
        return IntStream.range(0, named.size())
                .anyMatch(i -> named.get(i).equals("LABEL_" + i) && indexOf(expected, named.get(i)) < 0);
    }

    /** Where each label is among the names; one that is a number has that place. Null if they are other labels. */
    private static int[] outputs(List<String> expected, List<String> named) {
        if (named.size() != expected.size()) {
            return null;
        }
        List<String> left = new ArrayList<>(named);
        int[] outputs = new int[expected.size()];
        for (int label = 0; label < outputs.length; label++) {
            int at = indexOf(left, expected.get(label));
            at = at < 0 && ("LABEL_" + label).equals(left.get(label)) ? label : at;
            if (at < 0) {
                return null;
            }
            left.set(at, null);
            outputs[label] = at;
        }
        return outputs;
    }

    /** As it is spelt or, if none is, in whatever case. */
    private static int indexOf(List<String> names, String label) {
        int exact = names.indexOf(label);
        for (int i = 0; exact < 0 && i < names.size(); i++) {
            if (label.equalsIgnoreCase(names.get(i))) {
                return i;
            }
        }
        return exact;
    }

    /** What had to be assumed; empty where the names say it. */
    Optional<String> assumption() {
        return assumption;
    }

    /** Logits (B*K) of the model in the order of the task's labels. */
    float[] ordered(float[] logits) {
        float[] ordered = new float[logits.length];
        for (int i = 0; i < logits.length; i++) {
            ordered[i] = logits[i - i % outputs.length + outputs[i % outputs.length]];
        }
        return ordered;
    }
}
