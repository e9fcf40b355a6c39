package norma.trainer.figure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.SiteZ;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.layernorm.VectorStatistics;

/**
 * Which dimensions a figure draws in colour: the outliers by the paper's rule at the last step; if there are none, the
 * most extreme of the middle layer, and then the legend says that they are not outliers.
 *
 * @param dimensions each with its words for the legend, the most extreme first, at most eight
 * @param more outliers beyond these eight
 * @param areOutliers whether they are outliers by the rule
 */
record Highlights(List<Highlight> dimensions, int more, boolean areOutliers) {
    static final Highlights NONE = new Highlights(List.of(), 0, false);
    private static final int LIMIT = 8;

    record Highlight(int dimension, String label) {}

    /**
     * @param snapshot at the last step
     * @param site the middle layer's output, whose z the legend gives
     */
    static Highlights of(float[] snapshot, SnapshotLayout layout, int site) {
        List<OutlierDimension> outliers = OutlierRule.PAPER.apply(snapshot, layout);
        SiteZ z = SiteZ.of(snapshot, layout, site);
        List<Integer> here = outliers.stream()
                .map(OutlierDimension::dimension)
                .filter(d -> d < z.width())
                .toList();
        if (here.isEmpty()) {
            return mostExtreme(SiteStatistics.of(snapshot, layout).get(site));
        }
        List<Highlight> all = here.stream()
                .sorted(Comparator.comparingDouble((Integer d) ->
                        -(z.has(Part.WEIGHT, d) ? z.magnitude(Part.WEIGHT, d) : z.magnitude(Part.BIAS, d))))
                .map(d -> new Highlight(d, "dimension " + d + ": outlier, " + z(z, d)))
                .toList();
        int shown = Math.min(LIMIT, all.size());
        return new Highlights(all.subList(0, shown), all.size() - shown, true);
    }

    private static String z(SiteZ z, int dimension) {
        List<String> words = new ArrayList<>();
        for (Part part : Part.values()) {
            if (z.has(part, dimension)) {
                words.add(z(part.label(), z.at(part, dimension)));
            }
        }
        return String.join(", ", words);
    }

    private static Highlights mostExtreme(SiteStatistics statistics) {
        VectorStatistics weight = statistics.weight();
        VectorStatistics bias = statistics.bias();
        boolean inWeight = weight != null && Math.abs(weight.largestZ()) > 0;
        boolean inBias = bias != null && Math.abs(bias.largestZ()) > 0;
        List<Highlight> found = new ArrayList<>();
        if (inWeight && inBias && weight.dimension() == bias.dimension()) {
            found.add(new Highlight(
                    weight.dimension(),
                    "dimension " + weight.dimension() + ": largest |z|, " + z("weight", weight.largestZ()) + ", "
                            + z("bias", bias.largestZ()) + ", not an outlier by the rule"));
            return new Highlights(found, 0, false);
        }
        if (inWeight) {
            found.add(notAnOutlier("weight", weight));
        }
        if (inBias) {
            found.add(notAnOutlier("bias", bias));
        }
        return new Highlights(found, 0, false);
    }

    private static Highlight notAnOutlier(String what, VectorStatistics vector) {
        return new Highlight(
                vector.dimension(),
                "dimension " + vector.dimension() + ": largest |z| of " + what + " (" + signed(vector.largestZ())
                        + "), not an outlier by the rule");
    }

    private static String z(String what, double value) {
        return what + " z " + signed(value);
    }

    private static String signed(double value) {
        return String.format(Locale.ROOT, "%.1f", value).replace('-', '\u2212');
    }
}
