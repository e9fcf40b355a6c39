package norma.probes.outliers;

import java.util.Arrays;
import java.util.Locale;

/**
 * A definition of outliers, as its source states it. Hidden states are the outputs of the encoder's layers, the
 * embedding output left out, over all tokens that are not padding, of text without masks. Moments divide by n.
 */
public enum Definition {
    /** Kovaleva et al. 2021. */
    PAPER_RULE(
            "|z| > 3 of weight and of bias of output.LayerNorm, at the same position in more than half of the layers",
            "Kovaleva et al. 2021, BERT Busters, section 3, arXiv 2105.06990"),
    KURTOSIS_LAYERNORM_WEIGHT(
            "mean((w - mean)^4) / mean((w - mean)^2)^2 over the H values of each output.LayerNorm weight",
            "Pearson's kurtosis of the vectors that the paper's rule looks at"),
    KURTOSIS_LAYERNORM_BIAS(
            "mean((b - mean)^4) / mean((b - mean)^2)^2 over the H values of each output.LayerNorm bias",
            "Pearson's kurtosis of the vectors that the paper's rule looks at"),
    KURTOSIS_PER_TOKEN(
            "mean over tokens of mean_j((x_j - mean)^4) / mean_j((x_j - mean)^2)^2, per layer",
            "Bondarenko et al. 2023, Quantizable Transformers, arXiv 2306.12929 (kurtosis of the layer's output)"),
    KURTOSIS_MEAN_ACTIVATION(
            "kurtosis over j of m_j = mean over tokens of x_j, per layer",
            "kurtosis of the layer's mean activation vector"),
    KURTOSIS_FEATURE_NORM(
            "mean_j(s_j^4) / mean_j(s_j^2)^2 with s_j^2 = mean over tokens of x_j^2, per layer",
            "He et al. 2024, Understanding and Minimising Outlier Features in Neural Network Training, arXiv 2405.19279"),
    LARGEST_INFINITY_NORM(
            "max_j |x_j| of each layer's output, over all tokens; and its mean over sequences",
            "Bondarenko et al. 2023, arXiv 2306.12929 (max infinity norm)"),
    LLM_INT8(
            "|x_j| >= 6 somewhere in at least 25 % of the layers, and in at least 6 % of all positions of all layers",
            "Dettmers et al. 2022, LLM.int8(), section 4, arXiv 2208.07339"),
    MASSIVE_ACTIVATIONS(
            "|x| > 100 and |x| > 1,000 times the median |x| of the same hidden state; beside it the top 3 against the median",
            "Sun et al. 2024, Massive Activations in Large Language Models, section 2, arXiv 2402.17762");

    private final String formula;
    private final String source;

    Definition(String formula, String source) {
        this.formula = formula;
        this.source = source;
    }

    /** The formula. */
    public String formula() {
        return formula;
    }

    /** Who says so. */
    public String source() {
        return source;
    }

    /** Its name in results, such as {@code kurtosis_per_token}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Fourth central moment over the square of the second; 3 for a normal distribution, NaN for equal values. */
    static double kurtosis(double[] values) {
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        double second = 0;
        double fourth = 0;
        for (double value : values) {
            double square = (value - mean) * (value - mean);
            second += square;
            fourth += square * square;
        }
        return values.length * fourth / (second * second);
    }

    /** Where a value lies farthest from the mean; the first such place. */
    static int farthest(double[] values) {
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        int at = 0;
        for (int i = 1; i < values.length; i++) {
            if (Math.abs(values[i] - mean) > Math.abs(values[at] - mean)) {
                at = i;
            }
        }
        return at;
    }
}
