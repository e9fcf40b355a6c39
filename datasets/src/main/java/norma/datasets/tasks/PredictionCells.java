package norma.datasets.tasks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a model predicts of an example, as cells of a tab-separated table. Tabs, line breaks and backslashes of texts
 * and labels are written as {@code \t}, {@code \n}, {@code \r} and {@code \\}.
 */
public final class PredictionCells {
    private final TaskKind kind;

    /** Those of a kind of task. */
    public PredictionCells(TaskKind kind) {
        this.kind = kind;
    }

    /** Names of the columns of {@link #probabilities}: {@code p(label)} for each label, none for a number. */
    public List<String> probabilityColumns() {
        return kind instanceof TaskKind.Regression
                ? List.of()
                : kind.labels().stream()
                        .map(label -> "p(" + escaped(label) + ")")
                        .toList();
    }

    /**
     * The probability of each label.
     *
     * @param outputs (K) of the example
     */
    public List<String> probabilities(float[] outputs) {
        return Arrays.stream(kind.probabilities(outputs))
                .mapToObj(probability -> String.format(Locale.ROOT, "%.6f", probability))
                .toList();
    }

    /**
     * What is predicted; several labels with commas between.
     *
     * @param outputs (K) of the example
     */
    public String predicted(float[] outputs) {
        return kind instanceof TaskKind.Regression ? Float.toString(outputs[0]) : label(kind.predicted(outputs));
    }

    /** A label; several with commas between. */
    public String label(Label label) {
        return names(label).stream().map(PredictionCells::escaped).collect(Collectors.joining(","));
    }

    private List<String> names(Label label) {
        if (label instanceof Label.Target target) {
            return List.of(Double.toString(target.value()));
        }
        List<Integer> indices =
                label instanceof Label.OneClass one ? List.of(one.index()) : ((Label.Several) label).indices();
        return indices.stream().map(kind.labels()::get).toList();
    }

    /** A text on one line, without tabs. */
    public static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }
}
