package norma.trainer.layernorm;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import norma.datasets.base.PublicApi;
import norma.trainer.model.LayerNormSite;

/**
 * Where things lie in a snapshot of a network's sites: (sites, 2, hidden), weight before bias, with hidden the width of
 * the widest site. Beyond the width of a narrower one, and in place of a weight or bias that a site lacks, it holds
 * NaN.
 */
@PublicApi
public final class SnapshotLayout {
    private final List<LayerNormSite> sites;
    private final int hidden;

    /** For a network's sites, in its order. */
    public SnapshotLayout(List<LayerNormSite> sites) {
        if (sites.isEmpty()) {
            throw new IllegalArgumentException("no sites");
        }
        this.sites = List.copyOf(sites);
        hidden = sites.stream().mapToInt(LayerNormSite::width).max().getAsInt();
        Math.multiplyExact(Math.multiplyExact(sites.size(), 2), hidden);
    }

    /** The sites in the network's order. */
    public List<LayerNormSite> sites() {
        return sites;
    }

    /** A site by its index. */
    public LayerNormSite site(int index) {
        return sites.get(index);
    }

    /** Number of sites. */
    public int size() {
        return sites.size();
    }

    /** Width of the widest site. */
    public int hidden() {
        return hidden;
    }

    /** Width of a site: the length of its vectors. */
    public int width(int site) {
        return sites.get(site).width();
    }

    /** Whether a site has a vector. */
    public boolean has(int site, Part part) {
        return part.of(sites.get(site)) != null;
    }

    /** Where a vector of a site begins. */
    public int offset(int site, Part part) {
        return (2 * site + (part == Part.WEIGHT ? 0 : 1)) * hidden;
    }

    /** Where a site's weight begins. */
    public int weight(int site) {
        return offset(site, Part.WEIGHT);
    }

    /** Where a site's bias begins. */
    public int bias(int site) {
        return offset(site, Part.BIAS);
    }

    /** Length of a snapshot. */
    public int length() {
        return sites.size() * 2 * hidden;
    }

    /** How many values of a snapshot are of the network; the others are NaN. */
    public int values() {
        int values = 0;
        for (int site = 0; site < sites.size(); site++) {
            for (Part part : Part.values()) {
                values += has(site, part) ? width(site) : 0;
            }
        }
        return values;
    }

    /** A snapshot in which every value is NaN, to be filled. */
    public float[] blank() {
        float[] snapshot = new float[length()];
        Arrays.fill(snapshot, Float.NaN);
        return snapshot;
    }

    /** The index of the site with this name; -1 if there is none. */
    public int indexOf(String name) {
        return IntStream.range(0, sites.size())
                .filter(site -> sites.get(site).name().equals(name))
                .findFirst()
                .orElse(-1);
    }

    /** The indices of the layers' output components, ascending. */
    public int[] outputs() {
        return indices(LayerNormSite::isLayerOutput);
    }

    /** The indices of some sites, ascending. */
    public int[] indices(Predicate<LayerNormSite> which) {
        return IntStream.range(0, sites.size())
                .filter(site -> which.test(sites.get(site)))
                .toArray();
    }

    /** Width of the widest of some sites; 0 of none. */
    public int widest(int[] which) {
        return IntStream.of(which).map(this::width).max().orElse(0);
    }

    /** Refuses an array that is not a snapshot of this layout. */
    public void require(float[] snapshot) {
        if (snapshot.length != length()) {
            throw new IllegalArgumentException("a snapshot of " + snapshot.length + " values, expected " + length()
                    + " = " + sites.size() + " sites x 2 x " + hidden);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SnapshotLayout layout && layout.sites.equals(sites);
    }

    @Override
    public int hashCode() {
        return sites.hashCode();
    }

    @Override
    public String toString() {
        return sites.toString();
    }
}
