package norma.trainer.finetuning;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.json.JsonObject;
import norma.datasets.metrics.Metric;
import norma.trainer.run.MetricsLog;

/**
 * How a model does on a held-out split.
 *
 * @param split its name
 * @param loss mean over the examples
 * @param metrics the task's; NaN where one is undefined
 */
public record DevScores(String split, double loss, Map<Metric, Double> metrics) {
    private static final String LOSS = "loss";

    /** Keeps the order. */
    public DevScores {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /** Puts them into an object under the split's name. */
    void putInto(ObjectNode json) {
        ObjectNode scores = json.putObject(split);
        putInto(scores, metrics);
        MetricsLog.put(scores, LOSS, loss);
    }

    /** Puts metrics into an object under their own keys, what is undefined as null. */
    static void putInto(ObjectNode json, Map<Metric, Double> metrics) {
        metrics.forEach((metric, value) -> MetricsLog.put(json, metric.key(), value));
    }

    /**
     * As {@link #putInto(ObjectNode)} put them.
     *
     * @throws norma.datasets.base.InvalidInputException if the split or a metric is missing, or is no number
     */
    static DevScores read(String split, JsonObject json, List<Metric> metrics) {
        JsonObject scores = json.object(split);
        Map<Metric, Double> values = new LinkedHashMap<>();
        metrics.forEach(metric -> values.put(metric, scores.writtenNumber(metric.key())));
        return new DevScores(split, scores.writtenNumber(LOSS), values);
    }
}
