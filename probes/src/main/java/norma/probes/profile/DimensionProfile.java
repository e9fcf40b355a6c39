package norma.probes.profile;

import norma.probes.outliers.DimensionActivation;

/**
 * What a dimension is in three respects.
 *
 * @param dimension its position
 * @param shape its LayerNorm parameters
 * @param activation what it carries on a text
 * @param cost what the model loses without it alone, see {@link norma.probes.evaluation.Evaluation#cost}
 */
public record DimensionProfile(int dimension, Shape shape, DimensionActivation activation, double cost) {
    /**
     * A dimension's weight and bias among those of the others, in the output components of the layers.
     *
     * @param weightZ the most extreme z over the layers, with its sign; 0 where no layer has the value
     * @param biasZ likewise
     * @param layersBeyond layers in which both are beyond the paper's 3 standard deviations; the one where only one
     *     exists
     * @param meanZ mean over the layers of the larger of |z(weight)| and |z(bias)|, the figure of {@code top:K}
     */
    public record Shape(double weightZ, double biasZ, int layersBeyond, double meanZ) {}
}
