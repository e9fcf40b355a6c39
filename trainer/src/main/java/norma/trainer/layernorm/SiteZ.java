package norma.trainer.layernorm;

import norma.datasets.base.PublicApi;

/** The z of one site's weight and bias, as far as it has them; see {@link VectorStatistics} for what z is. */
@PublicApi
public final class SiteZ {
    private final int width;
    private final double[] weight; // null where the site has none
    private final double[] bias;

    private SiteZ(int width, double[] weight, double[] bias) {
        this.width = width;
        this.weight = weight;
        this.bias = bias;
    }

    /**
     * Of a site of a snapshot.
     *
     * @param site index into the layout's sites
     */
    public static SiteZ of(float[] snapshot, SnapshotLayout layout, int site) {
        return new SiteZ(
                layout.width(site), z(snapshot, layout, site, Part.WEIGHT), z(snapshot, layout, site, Part.BIAS));
    }

    private static double[] z(float[] snapshot, SnapshotLayout layout, int site, Part part) {
        return layout.has(site, part)
                ? VectorStatistics.z(snapshot, layout.offset(site, part), layout.width(site))
                : null;
    }

    /** Width of the site. */
    public int width() {
        return width;
    }

    /** Whether the site has a value of this vector at a dimension: it has the vector, and it is that wide. */
    public boolean has(Part part, int dimension) {
        return vector(part) != null && dimension < width;
    }

    /** The z of a vector at a dimension; null where the site has no such value. */
    public Double at(Part part, int dimension) {
        return has(part, dimension) ? vector(part)[dimension] : null;
    }

    /** |z| at a dimension; 0 where the site has no such value. */
    public double magnitude(Part part, int dimension) {
        return has(part, dimension) ? Math.abs(vector(part)[dimension]) : 0;
    }

    /** Whether a value lies beyond a threshold; one that the site lacks does not. */
    public boolean isBeyond(Part part, int dimension, double sigma) {
        return has(part, dimension) && Math.abs(vector(part)[dimension]) > sigma;
    }

    private double[] vector(Part part) {
        return part == Part.WEIGHT ? weight : bias;
    }
}
