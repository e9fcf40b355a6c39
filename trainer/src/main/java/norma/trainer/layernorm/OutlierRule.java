package norma.trainer.layernorm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import norma.trainer.model.LayerNormSite;

/**
 * Which dimensions of a model are outliers.
 *
 * <p>The paper's rule, {@link #PAPER}: weight and bias of the layer's output LayerNorm are each more than 3 standard
 * deviations from the mean of their vector, at the same position in more than half of the layers (Kovaleva,
 * Kulshreshtha, Rogers and Rumshisky 2021, "BERT Busters", section 3, arXiv 2105.06990). Both comparisons are strict; z
 * is defined at {@link VectorStatistics}. Only the sites that {@link LayerNormSite#isLayerOutput()} count as layers.
 *
 * @param sigma threshold on |z|, in standard deviations
 * @param fraction a dimension has to be beyond the threshold in more than this share of the layers
 * @param combination whether weight and bias both have to be beyond it, or one is enough
 */
public record OutlierRule(double sigma, double fraction, Combination combination) {
    /** How the conditions on weight and on bias are joined, within one layer. */
    public enum Combination {
        AND,
        OR
    }

    /** 3 standard deviations, weight and bias, more than half of the layers. */
    public static final OutlierRule PAPER = new OutlierRule(3, 0.5, Combination.AND);

    public OutlierRule {
        if (!(sigma >= 0) || !(fraction >= 0 && fraction < 1)) {
            throw new IllegalArgumentException(
                    "sigma " + sigma + " must be at least 0 and fraction " + fraction + " in [0, 1)");
        }
    }

    /**
     * The dimensions that satisfy this rule, ascending.
     *
     * @param snapshot (sites, 2, hidden), weight before bias
     * @param hidden width H of every site
     */
    public List<OutlierDimension> apply(float[] snapshot, List<LayerNormSite> sites, int hidden) {
        return apply(snapshot, sites, hidden, LayerNormSite::isLayerOutput);
    }

    /**
     * The same over other sites than the layers' outputs; each that counts stands for a layer. Where none counts,
     * nothing is found.
     *
     * @param counts which sites are looked at
     */
    public List<OutlierDimension> apply(
            float[] snapshot, List<LayerNormSite> sites, int hidden, Predicate<LayerNormSite> counts) {
        SnapshotLayout layout = new SnapshotLayout(sites.size(), hidden);
        layout.require(snapshot);
        int[] outputs = IntStream.range(0, sites.size())
                .filter(s -> counts.test(sites.get(s)))
                .toArray();
        double[][] weightZ = new double[outputs.length][];
        double[][] biasZ = new double[outputs.length][];
        for (int layer = 0; layer < outputs.length; layer++) {
            weightZ[layer] = VectorStatistics.z(snapshot, layout.weight(outputs[layer]), hidden);
            biasZ[layer] = VectorStatistics.z(snapshot, layout.bias(outputs[layer]), hidden);
        }
        List<OutlierDimension> found = new ArrayList<>();
        for (int d = 0; d < hidden; d++) {
            List<String> beyond = new ArrayList<>();
            double weight = 0;
            double bias = 0;
            for (int layer = 0; layer < outputs.length; layer++) {
                if (isBeyond(weightZ[layer][d], biasZ[layer][d])) {
                    beyond.add(sites.get(outputs[layer]).name());
                    weight = farther(weight, weightZ[layer][d]);
                    bias = farther(bias, biasZ[layer][d]);
                }
            }
            if (beyond.size() > fraction * outputs.length) {
                found.add(new OutlierDimension(d, beyond, weight, bias));
            }
        }
        return found;
    }

    /** Whether a dimension with these z is beyond the threshold in one layer. */
    public boolean isBeyond(double weightZ, double biasZ) {
        boolean weight = Math.abs(weightZ) > sigma;
        boolean bias = Math.abs(biasZ) > sigma;
        return switch (combination) {
            case AND -> weight && bias;
            case OR -> weight || bias;
        };
    }

    private static double farther(double a, double b) {
        return Math.abs(b) > Math.abs(a) ? b : a;
    }
}
