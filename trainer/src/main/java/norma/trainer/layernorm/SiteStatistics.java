package norma.trainer.layernorm;

import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.PublicApi;

/**
 * What is logged of one LayerNorm site; see {@link VectorStatistics} for what z is.
 *
 * @param site the site's name
 * @param weight of its scaling factors; null where it has none
 * @param bias of its shifts; null where it has none
 */
@PublicApi
public record SiteStatistics(String site, VectorStatistics weight, VectorStatistics bias) {
    /** The paper's threshold in standard deviations. */
    public static final double SIGMA = 3;

    /**
     * The statistics of every site, in the sites' order, counting values beyond 3 standard deviations.
     *
     * @param snapshot of the layout
     */
    public static List<SiteStatistics> of(float[] snapshot, SnapshotLayout layout) {
        return of(snapshot, layout, SIGMA);
    }

    /** The same, counting values beyond another threshold, in standard deviations. */
    public static List<SiteStatistics> of(float[] snapshot, SnapshotLayout layout, double sigma) {
        layout.require(snapshot);
        List<SiteStatistics> all = new ArrayList<>();
        for (int site = 0; site < layout.size(); site++) {
            all.add(new SiteStatistics(
                    layout.site(site).name(),
                    vector(snapshot, layout, site, Part.WEIGHT, sigma),
                    vector(snapshot, layout, site, Part.BIAS, sigma)));
        }
        return all;
    }

    private static VectorStatistics vector(float[] snapshot, SnapshotLayout layout, int site, Part part, double sigma) {
        return layout.has(site, part)
                ? VectorStatistics.of(snapshot, layout.offset(site, part), layout.width(site), sigma)
                : null;
    }

    /** Of one of the two vectors; null where the site has none. */
    public VectorStatistics of(Part part) {
        return part == Part.WEIGHT ? weight : bias;
    }
}
