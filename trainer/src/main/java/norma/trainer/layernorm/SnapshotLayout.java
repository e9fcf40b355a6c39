package norma.trainer.layernorm;

/**
 * Where things lie in a snapshot of all LayerNorm parameters: (sites, 2, hidden), weight before bias.
 *
 * @param sites number of sites
 * @param hidden width H of each
 */
public record SnapshotLayout(int sites, int hidden) {
    public SnapshotLayout {
        if (sites < 1 || hidden < 1) {
            throw new IllegalArgumentException(sites + " sites of width " + hidden);
        }
        Math.multiplyExact(Math.multiplyExact(sites, 2), hidden);
    }

    /** Values in a snapshot. */
    public int length() {
        return sites * 2 * hidden;
    }

    /** Where a site's weight begins. */
    public int weight(int site) {
        return site * 2 * hidden;
    }

    /** Where a site's bias begins. */
    public int bias(int site) {
        return weight(site) + hidden;
    }

    /** Refuses an array that is no snapshot of this layout. */
    public void require(float[] snapshot) {
        if (snapshot.length != length()) {
            throw new IllegalArgumentException("a snapshot of " + snapshot.length + " values, expected " + length()
                    + " = " + sites + " sites x 2 x " + hidden);
        }
    }
}
