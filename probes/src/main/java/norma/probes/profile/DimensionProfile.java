package norma.probes.profile;

import java.util.Map;
import norma.probes.attention.TokenKind;
import norma.probes.outliers.DimensionActivation;

/**
 * What a dimension is in three respects.
 *
 * @param dimension its position
 * @param shape its LayerNorm parameters
 * @param activation what it carries on a text
 * @param byKind mean |x| over the tokens of a kind, in the layer's output where its largest |x| is; without the kinds
 *     that did not occur
 * @param cost what the model loses without it alone, see {@link norma.probes.evaluation.Evaluation#cost}
 */
public record DimensionProfile(
        int dimension, Shape shape, DimensionActivation activation, Map<TokenKind, Double> byKind, double cost) {
    public DimensionProfile {
        byKind = Map.copyOf(byKind);
    }

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
