package norma.trainer.layernorm;

import norma.datasets.base.PublicApi;

/**
 * How far the values of one weight or bias vector lie from their mean.
 *
 * <p>z of a value is (value − mean) / standard deviation, with the mean over the H values of the same vector and the
 * population standard deviation: sqrt(Σ(value − mean)² / H), computed in double. In a vector of equal values every z is
 * 0. A vector that holds NaN or infinity has only NaN for z: none of its values is an outlier.
 *
 * <p>Source: Kovaleva, Kulshreshtha, Rogers and Rumshisky 2021, "BERT Busters", section 3, arXiv 2105.06990.
 *
 * @param mean mean of the values
 * @param standardDeviation population standard deviation
 * @param largestZ the z that is farthest from 0, with its sign; the first such one on a tie
 * @param dimension where that is; −1 if the z are NaN
 * @param beyond how many values have |z| greater than the threshold asked for
 */
@PublicApi
public record VectorStatistics(double mean, double standardDeviation, double largestZ, int dimension, int beyond) {
    /**
     * Of one vector of a snapshot.
     *
     * @param from where it begins: {@link SnapshotLayout#weight} or {@link SnapshotLayout#bias}
     * @param length H
     * @param sigma threshold on |z| beyond which values are counted
     */
    public static VectorStatistics of(float[] values, int from, int length, double sigma) {
        double[] z = new double[length];
        double mean = mean(values, from, length);
        double deviation = deviation(values, from, length, mean);
        fillZ(values, from, mean, deviation, z);
        double largest = Double.NaN;
        int dimension = -1;
        int beyond = 0;
        for (int d = 0; d < length; d++) {
            double magnitude = Math.abs(z[d]);
            if (magnitude > sigma) {
                beyond++;
            }
            if (dimension < 0 ? !Double.isNaN(magnitude) : magnitude > Math.abs(largest)) {
                largest = z[d];
                dimension = d;
            }
        }
        return new VectorStatistics(mean, deviation, largest, dimension, beyond);
    }

    /**
     * The z of every value of one vector of a snapshot.
     *
     * @param from where the vector begins: {@link SnapshotLayout#weight} or {@link SnapshotLayout#bias}
     * @param length H
     */
    public static double[] z(float[] values, int from, int length) {
        double[] z = new double[length];
        double mean = mean(values, from, length);
        fillZ(values, from, mean, deviation(values, from, length, mean), z);
        return z;
    }

    /**
     * The population standard deviation of one vector of a snapshot; exactly 0 if its values are equal.
     *
     * @param from where the vector begins: {@link SnapshotLayout#weight} or {@link SnapshotLayout#bias}
     * @param length H
     */
    public static double standardDeviation(float[] values, int from, int length) {
        return deviation(values, from, length, mean(values, from, length));
    }

    private static double mean(float[] values, int from, int length) {
        double sum = 0;
        for (int i = from; i < from + length; i++) {
            sum += values[i];
        }
        return sum / length;
    }

    private static double deviation(float[] values, int from, int length, double mean) {
        double sum = 0;
        for (int i = from; i < from + length; i++) {
            double distance = values[i] - mean;
            sum += distance * distance;
        }
        return Math.sqrt(sum / length);
    }

    private static void fillZ(float[] values, int from, double mean, double deviation, double[] z) {
        for (int d = 0; d < z.length; d++) {
            z[d] = deviation == 0 ? 0 : (values[from + d] - mean) / deviation;
        }
    }
}
