package norma.probes.outliers;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import norma.trainer.layernorm.LayerNormSite;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SnapshotLayout;

/** The definitions that need the LayerNorm parameters only. */
public final class LayerNormDefinitions {
    private LayerNormDefinitions() {}

    /**
     * What they find.
     *
     * @param layerNorms (sites, 2, H), weight before bias
     */
    public static List<Finding> of(float[] layerNorms, List<LayerNormSite> sites, int hidden) {
        List<Integer> paper = OutlierRule.PAPER.apply(layerNorms, sites, hidden).stream()
                .map(OutlierDimension::dimension)
                .toList();
        SnapshotLayout layout = new SnapshotLayout(sites.size(), hidden);
        List<double[]> weights = new ArrayList<>();
        List<double[]> biases = new ArrayList<>();
        for (int s = 0; s < sites.size(); s++) {
            if (sites.get(s).isLayerOutput()) {
                weights.add(vector(layerNorms, layout.weight(s), hidden));
                biases.add(vector(layerNorms, layout.bias(s), hidden));
            }
        }
        return List.of(
                new Finding(Definition.PAPER_RULE, paper, List.of(), List.of()),
                kurtosis(Definition.KURTOSIS_LAYERNORM_WEIGHT, weights),
                kurtosis(Definition.KURTOSIS_LAYERNORM_BIAS, biases));
    }

    /** Kurtosis of one vector a layer. */
    static Finding kurtosis(Definition definition, List<double[]> vectors) {
        List<Double> values = new ArrayList<>();
        List<Integer> leading = new ArrayList<>();
        for (double[] vector : vectors) {
            values.add(Definition.kurtosis(vector));
            leading.add(Definition.farthest(vector));
        }
        return new Finding(definition, inMoreThanHalf(leading), values, leading);
    }

    /** Dimensions that lead in more than half of the layers. */
    static List<Integer> inMoreThanHalf(List<Integer> leading) {
        Map<Integer, Integer> counts = new HashMap<>();
        leading.forEach(dimension -> counts.merge(dimension, 1, Integer::sum));
        return counts.entrySet().stream()
                .filter(count -> 2 * count.getValue() > leading.size())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private static double[] vector(float[] values, int from, int hidden) {
        double[] vector = new double[hidden];
        for (int d = 0; d < hidden; d++) {
            vector[d] = values[from + d];
        }
        return vector;
    }
}
