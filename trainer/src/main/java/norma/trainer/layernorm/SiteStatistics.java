package norma.trainer.layernorm;

import java.util.ArrayList;
import java.util.List;
import norma.trainer.model.LayerNormSite;

/**
 * What is logged of one LayerNorm site; see {@link VectorStatistics} for what z is.
 *
 * @param site the site's name
 * @param weight of its scaling factors
 * @param bias of its shifts
 */
public record SiteStatistics(String site, VectorStatistics weight, VectorStatistics bias) {
    /** The paper's threshold in standard deviations. */
    public static final double SIGMA = 3;

    /**
     * The statistics of every site, in the sites' order, counting values beyond 3 standard deviations.
     *
     * @param snapshot (sites, 2, hidden), weight before bias
     * @param hidden width H of every site
     */
    public static List<SiteStatistics> of(float[] snapshot, List<LayerNormSite> sites, int hidden) {
        return of(snapshot, sites, hidden, SIGMA);
    }

    /** The same, counting values beyond another threshold, in standard deviations. */
    public static List<SiteStatistics> of(float[] snapshot, List<LayerNormSite> sites, int hidden, double sigma) {
        SnapshotLayout layout = new SnapshotLayout(sites.size(), hidden);
        layout.require(snapshot);
        List<SiteStatistics> all = new ArrayList<>();
        for (int s = 0; s < sites.size(); s++) {
            all.add(new SiteStatistics(
                    sites.get(s).name(),
                    VectorStatistics.of(snapshot, layout.weight(s), hidden, sigma),
                    VectorStatistics.of(snapshot, layout.bias(s), hidden, sigma)));
        }
        return all;
    }
}
