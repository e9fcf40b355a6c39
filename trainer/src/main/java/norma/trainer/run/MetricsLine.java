package norma.trainer.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import norma.datasets.objectives.Objective;
import norma.trainer.layernorm.Part;

/**
 * A line of {@code metrics.jsonl}. A figure that was not logged at the step, or was not finite, is empty.
 *
 * @param json the line
 */
public record MetricsLine(JsonNode json) {
    /** Steps taken. */
    public long step() {
        return json.path(MetricNames.STEP).longValue();
    }

    /** A figure outside the groups, such as {@link MetricNames#LOSS}. */
    public OptionalDouble figure(String name) {
        return number(json.path(name));
    }

    /** A figure of the held-out sequences, such as {@link MetricNames#PERPLEXITY}. */
    public OptionalDouble validation(String name) {
        return number(json.path(MetricNames.VALIDATION).path(name));
    }

    /** The validation loss over tokens in nats, whatever objective it is of. */
    public OptionalDouble validationLoss() {
        return Objective.tokenLosses().stream()
                .map(term -> validation(term + MetricNames.LOSS_OF_TERM))
                .filter(OptionalDouble::isPresent)
                .findFirst()
                .orElse(OptionalDouble.empty());
    }

    /** A figure of a fine-tuning's held-out split after an epoch, such as {@code accuracy}. */
    public OptionalDouble dev(String split, String name) {
        return number(json.path(MetricNames.DEV).path(split).path(name));
    }

    /** Dimensions that are outliers by the paper's rule; empty in a fine-tuning's lines too. */
    public List<Integer> outlierDimensions() {
        List<Integer> dimensions = new ArrayList<>();
        json.path(MetricNames.LAYER_NORM)
                .path(MetricNames.OUTLIER_DIMENSIONS)
                .forEach(d -> dimensions.add(d.intValue()));
        return dimensions;
    }

    /** Names of the LayerNorm sites that the line has figures of, in the model's order. */
    public List<String> sites() {
        return sitesJson().properties().stream().map(Map.Entry::getKey).toList();
    }

    /**
     * A figure of a LayerNorm vector, such as {@link MetricNames#LARGEST_Z}; empty where the site has no such vector.
     */
    public OptionalDouble layerNorm(String site, Part part, String name) {
        return number(sitesJson().path(site).path(part.label()).path(name));
    }

    private JsonNode sitesJson() {
        return json.path(MetricNames.LAYER_NORM).path(MetricNames.SITES);
    }

    private static OptionalDouble number(JsonNode value) {
        return value.isNumber() ? OptionalDouble.of(value.doubleValue()) : OptionalDouble.empty();
    }
}
