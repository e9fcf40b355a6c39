package norma.trainer.bench;

import java.util.List;
import java.util.Optional;

/**
 * Where the median of what several values were drawn from lies, whatever their distribution: between two of the sorted
 * values, by the sign test (Conover, Practical Nonparametric Statistics, 3.2). Of n values the median lies below the
 * k-th smallest with the probability that a fair coin shows heads less than k times in n.
 */
public record MedianInterval(double low, double high) {
    /** The least probability that the interval holds the median. */
    public static final double CONFIDENCE = 0.95;

    /** Of independent values; empty for fewer than six, which are too few for this confidence. */
    public static Optional<MedianInterval> of(List<Double> values) {
        int count = values.size();
        double tail = Math.pow(0.5, count); // P(heads <= rank - 1), rank = 1
        double term = tail;
        int rank = 0;
        while (2 * tail <= 1 - CONFIDENCE) {
            rank++;
            term *= (double) (count - rank + 1) / rank;
            tail += term;
        }
        if (rank == 0) {
            return Optional.empty();
        }
        List<Double> sorted = values.stream().sorted().toList();
        return Optional.of(new MedianInterval(sorted.get(rank - 1), sorted.get(count - rank)));
    }
}
