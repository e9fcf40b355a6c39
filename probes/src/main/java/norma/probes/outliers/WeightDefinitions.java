package norma.probes.outliers;

import java.util.ArrayList;
import java.util.List;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;

/** The definitions that look at LayerNorm parameters alone. */
public final class WeightDefinitions {
    private static final String SOURCE =
            "the sample kurtosis of LayerNorm parameters, no single source; the vectors are those of Kovaleva et al. 2021";

    private WeightDefinitions() {}

    /**
     * Kurtosis of the weight and of the bias vectors, (1/H) Σ_j (x_j − mean)⁴ / σ⁴ of the H values of each vector. A
     * site that lacks a vector is not among those of that vector.
     *
     * @param snapshot of the layout
     * @param counted the sites looked at, as indices into all of them
     */
    public static List<Finding> of(float[] snapshot, SnapshotLayout layout, int[] counted) {
        return List.of(of(snapshot, layout, counted, Part.WEIGHT), of(snapshot, layout, counted, Part.BIAS));
    }

    private static Finding of(float[] snapshot, SnapshotLayout layout, int[] counted, Part part) {
        List<String> names = new ArrayList<>();
        List<double[]> terms = new ArrayList<>();
        for (int site : counted) {
            if (layout.has(site, part)) {
                names.add(layout.site(site).name());
                terms.add(Kurtosis.terms(vector(snapshot, layout.offset(site, part), layout.width(site))));
            }
        }
        return Finding.ofTerms("layernorm_" + part.label() + "_kurtosis", formula(part.label()), SOURCE, names, terms);
    }

    private static String formula(String part) {
        return "mean_j((x_j - mean)^4) / sigma^4 over the H values of each LayerNorm " + part
                + " vector (population sigma; not the excess)";
    }

    private static double[] vector(float[] snapshot, int from, int width) {
        double[] vector = new double[width];
        for (int d = 0; d < width; d++) {
            vector[d] = snapshot[from + d];
        }
        return vector;
    }
}
