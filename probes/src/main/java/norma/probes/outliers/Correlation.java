package norma.probes.outliers;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How two quantities go together. NaN where undefined: fewer than two pairs, NaN among them, or one side constant.
 *
 * @param pearson product-moment correlation
 * @param spearman the same of ranks, equal values sharing the mean of theirs
 */
public record Correlation(double pearson, double spearman) {
    static Correlation of(double[] x, double[] y) {
        return new Correlation(pearson(x, y), pearson(ranks(x), ranks(y)));
    }

    private static double pearson(double[] x, double[] y) {
        double meanX = Kurtosis.sum(x) / x.length;
        double meanY = Kurtosis.sum(y) / y.length;
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            xy += (x[i] - meanX) * (y[i] - meanY);
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
        }
        return constant(x) || constant(y) ? Double.NaN : xy / Math.sqrt(xx * yy);
    }

    private static boolean constant(double[] values) {
        return Arrays.stream(values).allMatch(value -> value == values[0]);
    }

    private static double[] ranks(double[] values) {
        double[] ranks = new double[values.length];
        if (Arrays.stream(values).anyMatch(Double::isNaN)) {
            Arrays.fill(ranks, Double.NaN);
            return ranks;
        }
        int[] order = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[i]))
                .mapToInt(i -> i)
                .toArray();
        for (int from = 0; from < order.length; ) {
            int to = from;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = (from + to - 1) / 2.0;
            }
            from = to;
        }
        return ranks;
    }
}
