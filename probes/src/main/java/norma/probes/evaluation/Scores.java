package norma.probes.evaluation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import norma.datasets.base.PublicApi;

/**
 * What a measurement gave.
 *
 * @param values by name, in the order in which they are shown
 */
@PublicApi
public record Scores(Map<String, Double> values) {
    public Scores {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * One of them.
     *
     * @throws IllegalArgumentException if it was not measured
     */
    public double get(String name) {
        Double value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is none of " + values.keySet());
        }
        return value;
    }
}
