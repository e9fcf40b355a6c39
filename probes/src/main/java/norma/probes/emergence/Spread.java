package norma.probes.emergence;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Several figures, one of each run, and how often there was none.
 *
 * @param values those that exist, all of one kind: whole steps or not
 * @param never how many do not
 */
public record Spread(List<Number> values, int never) {
    public Spread {
        values = List.copyOf(values);
    }

    /** Null means never. */
    public static Spread of(List<? extends Number> values) {
        List<Number> there =
                values.stream().filter(Objects::nonNull).map(Number.class::cast).toList();
        return new Spread(there, values.size() - there.size());
    }

    /** NaN of none. */
    public double mean() {
        return values.stream().mapToDouble(Number::doubleValue).average().orElse(Double.NaN);
    }

    /** Sample standard deviation, sqrt(Σ(value − mean)² / (n − 1)); NaN of fewer than two. */
    public double std() {
        if (values.size() < 2) {
            return Double.NaN;
        }
        double mean = mean();
        double squares = values.stream()
                .mapToDouble(value -> Math.pow(value.doubleValue() - mean, 2))
                .sum();
        return Math.sqrt(squares / (values.size() - 1));
    }

    /**
     * Adds {@code mean}, {@code std} (null of one value), {@code min}, {@code max} if there is a value, and always
     * {@code never}.
     */
    public void put(ObjectNode json) {
        json.put("never", never);
        if (!values.isEmpty()) {
            Comparator<Number> order = Comparator.comparingDouble(Number::doubleValue);
            json.put("mean", mean());
            json.set("std", values.size() < 2 ? json.nullNode() : json.numberNode(std()));
            number(json, "min", values.stream().min(order).orElseThrow());
            number(json, "max", values.stream().max(order).orElseThrow());
        }
    }

    private static void number(ObjectNode json, String key, Number value) {
        if (value instanceof Long step) {
            json.put(key, step);
        } else {
            json.put(key, value.doubleValue());
        }
    }
}
