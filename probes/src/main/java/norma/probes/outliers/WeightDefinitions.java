package norma.probes.outliers;

import java.util.ArrayList;
import java.util.List;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;

/** The definitions that look at LayerNorm parameters alone. */
public final class WeightDefinitions {
    private static final String SOURCE =
            "the sample kurtosis of LayerNorm parameters, no single source; the vectors are those of Kovaleva et al. 2021";

    private WeightDefinitions() {}

    /**
     * Kurtosis of the weight and of the bias vectors, (1/H) Σ_j (x_j − mean)⁴ / σ⁴ of the H values of each vector.
     *
     * @param snapshot (sites, 2, H), weight before bias
     * @param counted the sites looked at, as indices into all of them
     */
    public static List<Finding> of(float[] snapshot, List<LayerNormSite> sites, int hidden, int[] counted) {
        SnapshotLayout layout = new SnapshotLayout(sites.size(), hidden);
        List<String> names = new ArrayList<>();
        List<double[]> weights = new ArrayList<>();
        List<double[]> biases = new ArrayList<>();
        for (int s : counted) {
            names.add(sites.get(s).name());
            weights.add(Kurtosis.terms(vector(snapshot, layout.weight(s), hidden)));
            biases.add(Kurtosis.terms(vector(snapshot, layout.bias(s), hidden)));
        }
        return List.of(
                Finding.ofTerms("layernorm_weight_kurtosis", formula("weight"), SOURCE, names, weights),
                Finding.ofTerms("layernorm_bias_kurtosis", formula("bias"), SOURCE, names, biases));
    }

    private static String formula(String part) {
        return "mean_j((x_j - mean)^4) / sigma^4 over the H values of each LayerNorm " + part
                + " vector (population sigma; not the excess)";
    }

    private static double[] vector(float[] snapshot, int from, int hidden) {
        double[] vector = new double[hidden];
        for (int d = 0; d < hidden; d++) {
            vector[d] = snapshot[from + d];
        }
        return vector;
    }
}
