package norma.probes.outliers;

/**
 * What one dimension carries in the outputs of the layers: of each figure the largest over the layers.
 *
 * @param largest |x|, the largest over all tokens
 * @param site the layer output where that is
 * @param normShare sum over tokens of x² of the dimension, divided by the sum over tokens of the vectors' squared L2
 *     norms
 * @param kurtosis the dimension's part of the kurtosis of a token's vector, (x − mean)⁴ / (H σ⁴), the mean over tokens;
 *     over all dimensions of a layer the parts add up to {@code activation_kurtosis_per_token}
 */
public record DimensionActivation(double largest, String site, double normShare, double kurtosis) {}
