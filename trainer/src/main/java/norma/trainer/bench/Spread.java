package norma.trainer.bench;

import java.util.List;

/** Smallest, middle and largest of several values; of an even number the middle one above. */
public record Spread(double min, double median, double max) {
    /** Of at least one value. */
    public static Spread of(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return new Spread(sorted.get(0), sorted.get(sorted.size() / 2), sorted.get(sorted.size() - 1));
    }
}
