package norma.probes.emergence;

import norma.trainer.layernorm.VectorStatistics;

/**
 * Which values of many vectors lie beyond the threshold: the decisions of {@link VectorStatistics#z}, bit for bit, at
 * the speed of memory.
 *
 * <p>Every sum adds the same values in the same order as there, so it rounds the same way; four vectors are summed side
 * by side because one addition has to wait for the one before it. Divisions are left to values that are close to the
 * threshold or beyond it.
 */
final class DepartureFlags {
    /**
     * |value − mean| below this share of sigma × deviation cannot round to a z above sigma: rounding is below 1e-15.
     */
    private static final double SURE = 1 - 1e-9;

    private final int hidden;
    private final int words;
    private final double sigma;
    private final double[] means = new double[4];
    private final double[] deviations = new double[4];

    /**
     * For vectors that lie this far apart.
     *
     * @param hidden from the beginning of a vector to that of the next; a vector may be shorter
     */
    DepartureFlags(int hidden, double sigma) {
        this.hidden = hidden;
        this.sigma = sigma;
        words = words(hidden);
    }

    /** Words of 64 bits that hold a bit for each dimension. */
    static int words(int hidden) {
        return (hidden + Long.SIZE - 1) / Long.SIZE;
    }

    /**
     * Sets the bits of the dimensions with |z| &gt; sigma and clears the others, of some vectors.
     *
     * @param values all vectors, hidden apart
     * @param vectors numbers of those that are looked at
     * @param count how many of these numbers
     * @param width length of each of these vectors
     * @param flags words × vectors, from 0
     * @param notFinite set true for each vector that holds NaN or infinity; others are left
     */
    void mark(float[] values, int[] vectors, int count, int width, long[] flags, boolean[] notFinite) {
        int at = 0;
        for (; at + 4 <= count; at += 4) {
            moments4(
                    values,
                    vectors[at] * hidden,
                    vectors[at + 1] * hidden,
                    vectors[at + 2] * hidden,
                    vectors[at + 3] * hidden,
                    width);
            for (int i = 0; i < 4; i++) {
                mark(values, vectors[at + i], width, means[i], deviations[i], flags, notFinite);
            }
        }
        for (; at < count; at++) {
            moments1(values, vectors[at] * hidden, width);
            mark(values, vectors[at], width, means[0], deviations[0], flags, notFinite);
        }
    }

    private void mark(
            float[] values, int vector, int width, double mean, double deviation, long[] flags, boolean[] notFinite) {
        double sure = sigma * deviation * SURE;
        int from = vector * hidden;
        notFinite[vector] |= Double.isNaN(deviation);
        for (int word = 0; word < words; word++) {
            long bits = 0;
            int end = Math.min(width, (word + 1) * Long.SIZE);
            for (int d = word * Long.SIZE; d < end; d++) {
                double distance = values[from + d] - mean;
                if (Math.abs(distance) > sure && Math.abs(distance / deviation) > sigma && deviation != 0) {
                    bits |= 1L << d; // the shift takes d modulo 64
                }
            }
            flags[vector * words + word] = bits;
        }
    }

    private void moments1(float[] values, int from, int width) {
        double sum = 0;
        for (int i = from; i < from + width; i++) {
            sum += values[i];
        }
        double mean = sum / width;
        double squares = 0;
        for (int i = from; i < from + width; i++) {
            double distance = values[i] - mean;
            squares += distance * distance;
        }
        means[0] = mean;
        deviations[0] = Math.sqrt(squares / width);
    }

    private void moments4(float[] values, int a, int b, int c, int d, int width) {
        double sumA = 0;
        double sumB = 0;
        double sumC = 0;
        double sumD = 0;
        for (int i = 0; i < width; i++) {
            sumA += values[a + i];
            sumB += values[b + i];
            sumC += values[c + i];
            sumD += values[d + i];
        }
        double meanA = sumA / width;
        double meanB = sumB / width;
        double meanC = sumC / width;
        double meanD = sumD / width;
        double squaresA = 0;
        double squaresB = 0;
        double squaresC = 0;
        double squaresD = 0;
        for (int i = 0; i < width; i++) {
            double distanceA = values[a + i] - meanA;
            double distanceB = values[b + i] - meanB;
            double distanceC = values[c + i] - meanC;
            double distanceD = values[d + i] - meanD;
            squaresA += distanceA * distanceA;
            squaresB += distanceB * distanceB;
            squaresC += distanceC * distanceC;
            squaresD += distanceD * distanceD;
        }
        means[0] = meanA;
        means[1] = meanB;
        means[2] = meanC;
        means[3] = meanD;
        deviations[0] = Math.sqrt(squaresA / width);
        deviations[1] = Math.sqrt(squaresB / width);
        deviations[2] = Math.sqrt(squaresC / width);
        deviations[3] = Math.sqrt(squaresD / width);
    }
}
