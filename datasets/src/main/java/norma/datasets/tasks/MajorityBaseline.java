package norma.datasets.tasks;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.metrics.Metric;
import norma.datasets.metrics.Outcomes;

/**
 * What one gets without reading the texts: for every example the label that is the most frequent in training, of
 * equally frequent ones that which comes first; of several labels the most frequent set of them; of numbers their mean,
 * which leaves correlations undefined (NaN).
 */
public final class MajorityBaseline {
    private MajorityBaseline() {}

    /** The metrics of that prediction on a held-out split. */
    public static Map<Metric, Double> of(LabelledTask task, LabelledSplit held) {
        return task.scores(outcomes(task, held.examples()));
    }

    private static Outcomes outcomes(LabelledTask task, List<LabelledExample> held) {
        List<LabelledExample> training = task.train().examples();
        TaskKind kind = task.kind();
        float[] outputs = new float[held.size() * kind.outputs()];
        if (kind instanceof TaskKind.Regression) {
            // not through float outputs: the mean squared error is to be that of the mean itself
            double[] truth = held.stream().mapToDouble(MajorityBaseline::target).toArray();
            double[] means = new double[truth.length];
            Arrays.fill(
                    means,
                    training.stream()
                            .mapToDouble(MajorityBaseline::target)
                            .average()
                            .orElseThrow());
            return new Outcomes.Targets(truth, means);
        }
        List<Integer> majority = indices(mostFrequent(training));
        Arrays.fill(outputs, -1);
        for (int i = 0; i < held.size(); i++) {
            for (int label : majority) {
                outputs[i * kind.outputs() + label] = 1;
            }
        }
        return kind.outcomes(held, outputs);
    }

    private static double target(LabelledExample example) {
        return ((Label.Target) example.label()).value();
    }

    private static Label mostFrequent(List<LabelledExample> examples) {
        Map<Label, Integer> counts = new LinkedHashMap<>();
        examples.forEach(example -> counts.merge(example.label(), 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.<Label, Integer>comparingByValue()
                        .thenComparing(entry -> indices(entry.getKey()), Comparator.comparing(MajorityBaseline::last)))
                .orElseThrow()
                .getKey();
    }

    /** So that of two labels the one with the smaller numbers is the larger. */
    private static String last(List<Integer> indices) {
        StringBuilder key = new StringBuilder();
        indices.forEach(index -> key.append((char) (Character.MAX_VALUE - index)));
        return key.append(Character.MAX_VALUE).toString();
    }

    private static List<Integer> indices(Label label) {
        return label instanceof Label.OneClass one ? List.of(one.index()) : ((Label.Several) label).indices();
    }
}
