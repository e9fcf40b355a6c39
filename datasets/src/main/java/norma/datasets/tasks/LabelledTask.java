package norma.datasets.tasks;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.metrics.Metric;
import norma.datasets.metrics.Outcomes;

/**
 * A task: examples to train on, examples to measure on, and the measures.
 *
 * @param name as the literature writes it, such as SST-2
 * @param kind what is predicted
 * @param train the training examples
 * @param devs held-out examples; MNLI has two sets, every other task one
 * @param metrics in the order in which they are reported
 * @param headline those of the metrics whose mean tells which of two models is better
 * @param reading how its labels were read
 */
public record LabelledTask(
        String name,
        TaskKind kind,
        LabelledSplit train,
        List<LabelledSplit> devs,
        List<Metric> metrics,
        List<Metric> headline,
        LabelReading reading) {

    /** A task whose labels are known. */
    public LabelledTask(
            String name,
            TaskKind kind,
            LabelledSplit train,
            List<LabelledSplit> devs,
            List<Metric> metrics,
            List<Metric> headline) {
        this(name, kind, train, devs, metrics, headline, LabelReading.PLAIN);
    }

    /** Copies, and a check that the headline is measured. */
    public LabelledTask {
        devs = List.copyOf(devs);
        metrics = List.copyOf(metrics);
        headline = List.copyOf(headline);
        if (devs.isEmpty() || headline.isEmpty() || !metrics.containsAll(headline)) {
            throw new IllegalArgumentException(name + ": " + devs.size() + " held-out splits, " + metrics + headline);
        }
    }

    /**
     * The metrics of a model on a split.
     *
     * @param outputs (N*K) of its examples, as {@link TaskKind#outcomes} takes them
     */
    public Map<Metric, Double> scores(LabelledSplit split, float[] outputs) {
        return scores(kind.outcomes(split.examples(), outputs));
    }

    /** The metrics of given predictions. */
    public Map<Metric, Double> scores(Outcomes outcomes) {
        Map<Metric, Double> scores = new LinkedHashMap<>();
        metrics.forEach(metric -> scores.put(metric, metric.of(outcomes)));
        return Collections.unmodifiableMap(scores);
    }

    /**
     * The one number that models are compared by, larger is better: the mean of the headline metrics, as GLUE averages
     * the metrics of a task that has two (Wang et al. 2018, section 4). NaN where one of them is.
     */
    public double headline(Map<Metric, Double> scores) {
        return headline.stream().mapToDouble(scores::get).average().orElseThrow();
    }
}
