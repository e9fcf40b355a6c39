package norma.probes.outliers;

/**
 * Kurtosis as a sum over its values: term j is (x_j − mean)⁴ / (n σ⁴) with the population σ, and their sum is the
 * kurtosis, not the excess: 3 for a normal distribution, 1 at least, n − 1 + 1/(n − 1) at most (a single value that
 * differs). It is scipy's {@code kurtosis(x, fisher=False, bias=True)}. Of equal values, or with NaN or infinity among
 * them, it is NaN: undefined.
 */
final class Kurtosis {
    private Kurtosis() {}

    /** The kurtosis of values. */
    static double of(double[] values) {
        return sum(terms(values));
    }

    /** Each value's term. */
    static double[] terms(double[] values) {
        double mean = sum(values) / values.length;
        double variance = 0;
        boolean equal = true;
        for (double value : values) {
            variance += (value - mean) * (value - mean) / values.length;
            equal &= value == values[0];
        }
        double[] terms = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            double z2 = equal ? Double.NaN : (values[i] - mean) * (values[i] - mean) / variance;
            terms[i] = z2 * z2 / values.length;
        }
        return terms;
    }

    /**
     * The terms of the uncentred ratio mean(s⁴) / mean(s²)²: s_j⁴ / (n mean(s²)²). NaN if all are 0.
     *
     * @param squares s_j² of each
     */
    static double[] uncentredTerms(double[] squares) {
        double mean = sum(squares) / squares.length;
        double[] terms = new double[squares.length];
        for (int i = 0; i < squares.length; i++) {
            double ratio = squares[i] / mean;
            terms[i] = ratio * ratio / squares.length;
        }
        return terms;
    }

    static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }
}
