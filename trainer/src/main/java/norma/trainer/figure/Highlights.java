package norma.trainer.figure;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
 * @param dimensions the most extreme first, at most eight
 * @param more outliers beyond these eight
 * @param areOutliers whether they are outliers by the rule
 */
record Highlights(List<Highlight> dimensions, int more, boolean areOutliers) {
    static final Highlights NONE = new Highlights(List.of(), 0, false);
    private static final int LIMIT = 8;

    /**
     * A dimension.
     *
     * @param weightZ its z in the site that is drawn; null where the site has no weight
     * @param biasZ likewise
     * @param farthest the vectors that no other dimension lies as far out in; only where it is no outlier
     */
    record Highlight(int dimension, Double weightZ, Double biasZ, Set<Part> farthest) {
        private static Highlight of(int dimension, SiteZ z, Set<Part> farthest) {
            return new Highlight(dimension, z.at(Part.WEIGHT, dimension), z.at(Part.BIAS, dimension), farthest);
        }

        /** What a legend says of it beside one vector. */
        String label(Part part, boolean outlier) {
            Double z = part == Part.WEIGHT ? weightZ : biasZ;
            String value = z == null
                    ? ""
                    : ", z " + String.format(Locale.ROOT, "%.1f", z).replace('-', '\u2212');
            if (outlier) {
                return "dimension " + dimension + ": outlier" + value;
            }
            return "dimension " + dimension + ": " + (farthest.contains(part) ? "largest |z|, " : "") + "not an outlier"
                    + value;
        }
    }

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
            return mostExtreme(SiteStatistics.of(snapshot, layout).get(site), z);
        }
        List<Highlight> all = here.stream()
                .sorted(Comparator.comparingDouble((Integer d) ->
                        -(z.has(Part.WEIGHT, d) ? z.magnitude(Part.WEIGHT, d) : z.magnitude(Part.BIAS, d))))
                .map(d -> Highlight.of(d, z, Set.of()))
                .toList();
        int shown = Math.min(LIMIT, all.size());
        return new Highlights(all.subList(0, shown), all.size() - shown, true);
    }

    private static Highlights mostExtreme(SiteStatistics statistics, SiteZ z) {
        Map<Integer, Set<Part>> farthest = new LinkedHashMap<>();
        note(farthest, Part.WEIGHT, statistics.weight());
        note(farthest, Part.BIAS, statistics.bias());
        return new Highlights(
                farthest.entrySet().stream()
                        .map(entry -> Highlight.of(entry.getKey(), z, Set.copyOf(entry.getValue())))
                        .toList(),
                0,
                false);
    }

    private static void note(Map<Integer, Set<Part>> farthest, Part part, VectorStatistics vector) {
        if (vector != null && Math.abs(vector.largestZ()) > 0) {
            farthest.computeIfAbsent(vector.dimension(), d -> EnumSet.noneOf(Part.class))
                    .add(part);
        }
    }
}
