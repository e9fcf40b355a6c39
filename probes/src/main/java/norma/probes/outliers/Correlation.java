package norma.probes.outliers;

/**
 * How two quantities go together. NaN where undefined: NaN among them, or one side constant.
 *
 * @param pearson product-moment correlation
 * @param spearman the same of ranks, equal values sharing the mean of theirs
 */
public record Correlation(double pearson, double spearman) {
    static Correlation of(double[] x, double[] y) {
        return new Correlation(
                norma.datasets.metrics.Correlation.pearson(x, y), norma.datasets.metrics.Correlation.spearman(x, y));
    }
}
