package norma.probes.outliers;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts in how many places each dimension stands out. */
final class Dimensions {
    private Dimensions() {}

    /**
     * The dimension of the largest value in each place, most places first; the first of equals, none in a place of NaN.
     */
    static Map<Integer, Integer> ofLargest(List<double[]> places) {
        Map<Integer, Integer> counts = new TreeMap<>();
        for (double[] values : places) {
            int largest = largest(values);
            if (largest >= 0) {
                counts.merge(largest, 1, Integer::sum);
            }
        }
        return mostFirst(counts);
    }

    /** Where the largest value is; -1 if any is NaN. */
    static int largest(double[] values) {
        int largest = -1;
        for (int d = 0; d < values.length; d++) {
            if (Double.isNaN(values[d])) {
                return -1;
            }
            if (largest < 0 || values[d] > values[largest]) {
                largest = d;
            }
        }
        return largest;
    }

    static Map<Integer, Integer> mostFirst(Map<Integer, Integer> counts) {
        Map<Integer, Integer> sorted = new LinkedHashMap<>();
        counts.entrySet().stream()
                .sorted(Map.Entry.<Integer, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }
}
