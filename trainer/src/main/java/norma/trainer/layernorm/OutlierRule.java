package norma.trainer.layernorm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import norma.datasets.base.PublicApi;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.PretrainingModel;

/**
 * Which dimensions of a model are outliers.
 *
 * <p>The paper's rule, {@link #PAPER}: weight and bias of the layer's output LayerNorm are each more than 3 standard
 * deviations from the mean of their vector, at the same position in more than half of the layers (Kovaleva,
 * Kulshreshtha, Rogers and Rumshisky 2021, "BERT Busters", section 3, arXiv 2105.06990). Both comparisons are strict; z
 * is defined at {@link VectorStatistics}. Only the sites that {@link LayerNormSite#isLayerOutput()} count as layers.
 *
 * <p>The paper's models have both vectors everywhere, all equally wide. At a site that lacks one of the two, the rule
 * looks at the one that exists, whichever way the conditions are joined: the condition on the other is not defined, and
 * if it counted as not met, a model without biases could have no outlier. A dimension beyond the width of a site is not
 * an outlier there; the site still counts as a layer.
 *
 * @param sigma threshold on |z|, in standard deviations
 * @param fraction a dimension has to be beyond the threshold in more than this share of the layers
 * @param combination whether weight and bias both have to be beyond it, or one is enough
 */
@PublicApi
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
     * @param snapshot of the layout
     */
    public List<OutlierDimension> apply(float[] snapshot, SnapshotLayout layout) {
        return apply(snapshot, layout, LayerNormSite::isLayerOutput);
    }

    /** The same where a snapshot may be of several networks: over the layers of the main one. */
    public List<OutlierDimension> ofMain(float[] snapshot, SnapshotLayout layout) {
        return apply(
                snapshot, layout, site -> site.isLayerOutput() && site.network().equals(PretrainingModel.MAIN));
    }

    /**
     * The same over other sites than all the layers' outputs; each that counts stands for a layer. Where none counts,
     * nothing is found.
     *
     * @param counts which sites are looked at
     */
    public List<OutlierDimension> apply(float[] snapshot, SnapshotLayout layout, Predicate<LayerNormSite> counts) {
        layout.require(snapshot);
        int[] layers = layout.indices(counts);
        SiteZ[] z = new SiteZ[layers.length];
        for (int layer = 0; layer < layers.length; layer++) {
            z[layer] = SiteZ.of(snapshot, layout, layers[layer]);
        }
        List<OutlierDimension> found = new ArrayList<>();
        int widest = layout.widest(layers);
        for (int d = 0; d < widest; d++) {
            List<String> beyond = new ArrayList<>();
            Double weight = null;
            Double bias = null;
            for (int layer = 0; layer < layers.length; layer++) {
                if (isBeyond(z[layer], d)) {
                    beyond.add(layout.site(layers[layer]).name());
                    weight = mostExtreme(weight, z[layer].at(Part.WEIGHT, d));
                    bias = mostExtreme(bias, z[layer].at(Part.BIAS, d));
                }
            }
            if (beyond.size() > fraction * layers.length) {
                found.add(new OutlierDimension(d, beyond, weight, bias));
            }
        }
        return found;
    }

    /** Whether a dimension is beyond the threshold at one site. */
    public boolean isBeyond(SiteZ z, int dimension) {
        boolean weight = z.isBeyond(Part.WEIGHT, dimension, sigma);
        boolean bias = z.isBeyond(Part.BIAS, dimension, sigma);
        return switch (combination) {
            case AND ->
                (weight || bias)
                        && (weight || !z.has(Part.WEIGHT, dimension))
                        && (bias || !z.has(Part.BIAS, dimension));
            case OR -> weight || bias;
        };
    }

    /** The more extreme of two z; one that is NaN counts as 0, one that does not exist not at all. */
    private static Double mostExtreme(Double a, Double b) {
        if (b == null) {
            return a;
        }
        double known = a == null ? 0 : a;
        return Math.abs(b) > Math.abs(known) ? b : (Double) known;
    }
}
