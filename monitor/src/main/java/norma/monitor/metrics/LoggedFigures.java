package norma.monitor.metrics;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import norma.datasets.objectives.Objective;
import norma.trainer.run.MetricNames;

/**
 * What the page shows of a line of {@code metrics.jsonl}. {@link norma.trainer.run.MetricsReader} checks all of a line
 * and keeps it; here the statistics of every site, most of a line's length, are skipped: a long run has hundreds of
 * megabytes of them, and a page waits.
 */
public final class LoggedFigures {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int[] NONE = new int[0];
    private static final Set<String> TOKEN_LOSSES = Objective.tokenLosses().stream()
            .map(name -> name + MetricNames.LOSS_OF_TERM)
            .collect(Collectors.toUnmodifiableSet());

    private long step = -1;
    private final Map<String, Double> training = new LinkedHashMap<>();
    private final Map<String, Double> validation = new LinkedHashMap<>();
    private int[] outliers;

    private LoggedFigures() {}

    /**
     * Parses a line.
     *
     * @throws IOException if it is not an object with a step
     */
    static LoggedFigures parse(byte[] bytes, int from, int length) throws IOException {
        LoggedFigures line = new LoggedFigures();
        try (JsonParser json = JSON.createParser(bytes, from, length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not an object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                line.take(json, json.currentName());
            }
        }
        if (line.step < 0) {
            throw new IOException("without a step");
        }
        return line;
    }

    private void take(JsonParser json, String key) throws IOException {
        JsonToken value = json.nextToken();
        if (key.equals(MetricNames.STEP)) {
            step = json.getLongValue();
        } else if (key.equals(MetricNames.VALIDATION) || key.equals(MetricNames.DEV)) {
            takeValidation(json, "");
        } else if (key.equals(MetricNames.LAYER_NORM) && value == JsonToken.START_OBJECT) {
            takeLayerNorms(json);
        } else if (value.isStructStart()) {
            json.skipChildren();
        } else if (value.isNumeric() || value == JsonToken.VALUE_NULL) {
            training.put(key, number(json, value));
        }
    }

    /**
     * The loss over tokens is {@code loss}, whatever objective it is of; the others keep their names, those of the
     * held-out splits of a task with the split's in front.
     */
    private void takeValidation(JsonParser json, String prefix) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            JsonToken value = json.nextToken();
            if (value == JsonToken.START_OBJECT && prefix.isEmpty()) {
                takeValidation(json, key + ".");
            } else if (value.isStructStart()) {
                json.skipChildren();
            } else if (value.isNumeric() || value == JsonToken.VALUE_NULL) {
                validation.put(TOKEN_LOSSES.contains(key) ? MetricNames.LOSS : prefix + key, number(json, value));
            }
        }
    }

    private void takeLayerNorms(JsonParser json) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            if (json.nextToken() == JsonToken.START_ARRAY && key.equals(MetricNames.OUTLIER_DIMENSIONS)) {
                outliers = NONE;
                while (json.nextToken() == JsonToken.VALUE_NUMBER_INT) {
                    outliers = Arrays.copyOf(outliers, outliers.length + 1);
                    outliers[outliers.length - 1] = json.getIntValue();
                }
            } else {
                json.skipChildren();
            }
        }
    }

    private static double number(JsonParser json, JsonToken value) throws IOException {
        return value == JsonToken.VALUE_NULL ? Double.NaN : json.getDoubleValue();
    }

    /** The step. */
    public long step() {
        return step;
    }

    /** Of the update that led to the step; NaN where null was written. */
    public Map<String, Double> training() {
        return training;
    }

    /** Of the evaluation at the step; empty if there was none. */
    public Map<String, Double> validation() {
        return validation;
    }

    /** A value of the update; NaN where there is none. */
    public double training(String key) {
        return training.getOrDefault(key, Double.NaN);
    }

    /** The outlier dimensions by the paper's rule, ascending; null where the line does not say. */
    int[] outliers() {
        return outliers;
    }

    /** How many there are; −1 where the line does not say. */
    public int outlierCount() {
        return outliers == null ? -1 : outliers.length;
    }
}
