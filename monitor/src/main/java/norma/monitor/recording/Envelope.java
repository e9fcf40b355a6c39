package norma.monitor.recording;

import java.util.Arrays;

/**
 * Smallest and largest value of every dimension of some sites, over stretches of rows: what a line chart of a long
 * recording shows. All stretches have as many rows; when there are more than {@value #MOST} of them, two become one, so
 * the memory does not grow with the recording.
 */
final class Envelope {
    /** Stretches at most: more than a chart has pixels for. */
    static final int MOST = 640;

    private final int firstSite;
    private final int sites;
    private final int hidden;
    private int rowsPerPoint;
    private int points;
    private float[][] min = new float[0][];
    private float[][] max = new float[0][];

    /**
     * An empty one.
     *
     * @param firstSite of the sites, which lie side by side in a recording
     * @param hidden values of a site in a row
     * @param rows that are expected; there may be more
     */
    Envelope(int firstSite, int sites, int hidden, long rows) {
        this.firstSite = firstSite;
        this.sites = sites;
        this.hidden = hidden;
        rowsPerPoint = (int) Math.max(1, (rows + MOST - 1) / MOST);
    }

    /** Most bytes that one takes. */
    static long bytes(int sites, int hidden, long rows) {
        return 2L * Math.min(MOST, rows) * sites * hidden * Float.BYTES;
    }

    long bytes() {
        return 2L * points * sites * hidden * Float.BYTES;
    }

    boolean has(int site) {
        return site >= firstSite && site < firstSite + sites;
    }

    int rowsPerPoint() {
        return rowsPerPoint;
    }

    int points() {
        return points;
    }

    /**
     * Adds a row.
     *
     * @param values of all sites of a recording in that row
     * @param offset where they begin
     */
    void add(long row, float[] values, int offset) {
        while (row / rowsPerPoint >= MOST) {
            mergePairs();
        }
        int point = (int) (row / rowsPerPoint);
        grow(point + 1);
        int from = offset + firstSite * hidden;
        int length = sites * hidden;
        if (min[point] == null) {
            min[point] = Arrays.copyOfRange(values, from, from + length);
            max[point] = min[point].clone();
            return;
        }
        float[] least = min[point];
        float[] largest = max[point];
        for (int i = 0; i < length; i++) {
            float value = values[from + i];
            if (value < least[i] || Float.isNaN(least[i])) {
                least[i] = value;
            }
            if (value > largest[i] || Float.isNaN(largest[i])) {
                largest[i] = value;
            }
        }
    }

    private void grow(int wanted) {
        if (wanted > min.length) {
            int room = Math.min(MOST, Math.max(wanted, 2 * min.length));
            min = Arrays.copyOf(min, room);
            max = Arrays.copyOf(max, room);
        }
        points = Math.max(points, wanted);
    }

    private void mergePairs() {
        rowsPerPoint *= 2;
        int merged = (points + 1) / 2;
        for (int point = 0; point < merged; point++) {
            int second = 2 * point + 1;
            min[point] = join(min[2 * point], second < points ? min[second] : null, true);
            max[point] = join(max[2 * point], second < points ? max[second] : null, false);
        }
        Arrays.fill(min, merged, points, null);
        Arrays.fill(max, merged, points, null);
        points = merged;
    }

    private static float[] join(float[] first, float[] second, boolean least) {
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        for (int i = 0; i < first.length; i++) {
            boolean take = Float.isNaN(first[i]) || (least ? second[i] < first[i] : second[i] > first[i]);
            first[i] = take && !Float.isNaN(second[i]) ? second[i] : first[i];
        }
        return first;
    }

    /**
     * Copies one site's extremes.
     *
     * @param least whether the smallest are wanted, otherwise the largest
     * @param width values wanted
     * @param into from {@code at} on; NaN where no row was read
     */
    void copy(int point, int site, boolean least, int width, float[] into, int at) {
        float[] values = (least ? min : max)[point];
        if (values == null) {
            Arrays.fill(into, at, at + width, Float.NaN);
        } else {
            System.arraycopy(values, (site - firstSite) * hidden, into, at, width);
        }
    }
}
