package norma.probes.emergence;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;

/**
 * Several steps, and how often there was none.
 *
 * @param steps those that exist
 * @param never how many do not
 */
record Spread(List<Long> steps, int never) {
    Spread {
        steps = List.copyOf(steps);
    }

    /** Null means never. */
    static Spread of(List<Long> steps) {
        List<Long> there = steps.stream().filter(Objects::nonNull).toList();
        return new Spread(there, steps.size() - there.size());
    }

    /** NaN of none. */
    double mean() {
        return steps.stream().mapToLong(Long::longValue).average().orElse(Double.NaN);
    }

    /** Population standard deviation, sqrt(Σ(step − mean)² / n); NaN of none. */
    double std() {
        double mean = mean();
        return Math.sqrt(steps.stream()
                .mapToDouble(step -> (step - mean) * (step - mean))
                .average()
                .orElse(Double.NaN));
    }

    /** Adds {@code mean}, {@code std}, {@code min}, {@code max} if there is a step, and always {@code never}. */
    void put(ObjectNode json) {
        json.put("never", never);
        if (!steps.isEmpty()) {
            json.put("mean", mean());
            json.put("std", std());
            json.put("min", steps.stream().mapToLong(Long::longValue).min().getAsLong());
            json.put("max", steps.stream().mapToLong(Long::longValue).max().getAsLong());
        }
    }
}
