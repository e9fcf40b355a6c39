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
     * Sets the bits of the dimensions with |z| &gt; sigma and clears the others.
     *
     * @param values (vectors, hidden)
     * @param flags words × vectors, from 0
     * @param notFinite set true for each vector that holds NaN or infinity; others are left
     */
    void mark(float[] values, int vectors, long[] flags, boolean[] notFinite) {
        int vector = 0;
        for (; vector + 4 <= vectors; vector += 4) {
            moments4(values, vector * hidden);
            for (int i = 0; i < 4; i++) {
                mark(values, vector + i, means[i], deviations[i], flags, notFinite);
            }
        }
        for (; vector < vectors; vector++) {
            moments1(values, vector * hidden);
            mark(values, vector, means[0], deviations[0], flags, notFinite);
        }
    }

    private void mark(float[] values, int vector, double mean, double deviation, long[] flags, boolean[] notFinite) {
        double sure = sigma * deviation * SURE;
        int from = vector * hidden;
        notFinite[vector] |= Double.isNaN(deviation);
        for (int word = 0; word < words; word++) {
            long bits = 0;
            int end = Math.min(hidden, (word + 1) * Long.SIZE);
            for (int d = word * Long.SIZE; d < end; d++) {
                double distance = values[from + d] - mean;
                if (Math.abs(distance) > sure && Math.abs(distance / deviation) > sigma && deviation != 0) {
                    bits |= 1L << d; // the shift takes d modulo 64
                }
            }
            flags[vector * words + word] = bits;
        }
    }

    private void moments1(float[] values, int from) {
        double sum = 0;
        for (int i = from; i < from + hidden; i++) {
            sum += values[i];
        }
        double mean = sum / hidden;
        double squares = 0;
        for (int i = from; i < from + hidden; i++) {
            double distance = values[i] - mean;
            squares += distance * distance;
        }
        means[0] = mean;
        deviations[0] = Math.sqrt(squares / hidden);
    }

    private void moments4(float[] values, int from) {
        int b = hidden;
        int c = 2 * hidden;
        int d = 3 * hidden;
        double sumA = 0;
        double sumB = 0;
        double sumC = 0;
        double sumD = 0;
        for (int i = from; i < from + hidden; i++) {
            sumA += values[i];
            sumB += values[i + b];
            sumC += values[i + c];
            sumD += values[i + d];
        }
        double meanA = sumA / hidden;
        double meanB = sumB / hidden;
        double meanC = sumC / hidden;
        double meanD = sumD / hidden;
        double squaresA = 0;
        double squaresB = 0;
        double squaresC = 0;
        double squaresD = 0;
        for (int i = from; i < from + hidden; i++) {
            double distanceA = values[i] - meanA;
            double distanceB = values[i + b] - meanB;
            double distanceC = values[i + c] - meanC;
            double distanceD = values[i + d] - meanD;
            squaresA += distanceA * distanceA;
            squaresB += distanceB * distanceB;
            squaresC += distanceC * distanceC;
            squaresD += distanceD * distanceD;
        }
        means[0] = meanA;
        means[1] = meanB;
        means[2] = meanC;
        means[3] = meanD;
        deviations[0] = Math.sqrt(squaresA / hidden);
        deviations[1] = Math.sqrt(squaresB / hidden);
        deviations[2] = Math.sqrt(squaresC / hidden);
        deviations[3] = Math.sqrt(squaresD / hidden);
    }
}
