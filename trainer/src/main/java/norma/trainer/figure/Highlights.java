package norma.trainer.figure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.layernorm.VectorStatistics;
import norma.trainer.model.LayerNormSite;

/**
 * Which dimensions a figure draws in colour: the outliers by the paper's rule at the last step; if there are none,
 * those that are farthest out in the middle layer, and then the legend says that they are no outliers.
 *
 * @param dimensions each with its words for the legend, the farthest first, at most eight
 * @param more outliers beyond these eight
 * @param areOutliers whether they are outliers by the rule
 */
record Highlights(List<Highlight> dimensions, int more, boolean areOutliers) {
    static final Highlights NONE = new Highlights(List.of(), 0, false);
    private static final int LIMIT = 8;

    record Highlight(int dimension, String label) {}

    /**
     * @param snapshot (sites, 2, hidden) at the last step
     * @param site the middle layer's output, whose z the legend gives
     */
    static Highlights of(float[] snapshot, List<LayerNormSite> sites, int hidden, int site) {
        SnapshotLayout layout = new SnapshotLayout(sites.size(), hidden);
        double[] weightZ = VectorStatistics.z(snapshot, layout.weight(site), hidden);
        double[] biasZ = VectorStatistics.z(snapshot, layout.bias(site), hidden);
        List<OutlierDimension> outliers = OutlierRule.PAPER.apply(snapshot, sites, hidden);
        if (outliers.isEmpty()) {
            return farthest(SiteStatistics.of(snapshot, sites, hidden).get(site));
        }
        List<Highlight> all = outliers.stream()
                .map(OutlierDimension::dimension)
                .sorted(Comparator.comparingDouble((Integer d) -> -Math.abs(weightZ[d])))
                .map(d -> new Highlight(
                        d, "dimension " + d + ": outlier, " + z("weight", weightZ[d]) + ", " + z("bias", biasZ[d])))
                .toList();
        int shown = Math.min(LIMIT, all.size());
        return new Highlights(all.subList(0, shown), all.size() - shown, true);
    }

    private static Highlights farthest(SiteStatistics statistics) {
        VectorStatistics weight = statistics.weight();
        VectorStatistics bias = statistics.bias();
        List<Highlight> found = new ArrayList<>();
        if (Math.abs(weight.largestZ()) > 0) {
            found.add(new Highlight(
                    weight.dimension(),
                    "dimension " + weight.dimension() + ": largest |z| of weight (" + signed(weight.largestZ())
                            + "), not an outlier by the rule"));
        }
        if (Math.abs(bias.largestZ()) > 0) {
            if (!found.isEmpty() && weight.dimension() == bias.dimension()) {
                found.set(
                        0,
                        new Highlight(
                                weight.dimension(),
                                "dimension " + weight.dimension() + ": largest |z|, "
                                        + z("weight", weight.largestZ()) + ", " + z("bias", bias.largestZ())
                                        + ", not an outlier by the rule"));
            } else {
                found.add(new Highlight(
                        bias.dimension(),
                        "dimension " + bias.dimension() + ": largest |z| of bias (" + signed(bias.largestZ())
                                + "), not an outlier by the rule"));
            }
        }
        return new Highlights(found, 0, false);
    }

    private static String z(String what, double value) {
        return what + " z " + signed(value);
    }

    private static String signed(double value) {
        return String.format(Locale.ROOT, "%.1f", value).replace('-', '\u2212');
    }
}
