package norma.trainer.tensorboard;

import org.tensorflow.framework.HistogramProto;

/** Histograms of float vectors. */
final class Histograms {
    private static final int BINS = 64;

    private Histograms() {}

    /**
     * Counts values in 64 bins of equal width from the smallest to the largest. TensorFlow's own bins grow by 10 %
     * each: scaling factors, which lie close to 1, would all fall into two or three of them.
     *
     * <p>A bin holds its upper limit and not its lower one, as the message is defined; the first also holds the
     * minimum. NaN and infinities are left out, of the number too.
     *
     * @param from where the vector begins
     */
    static HistogramProto of(float[] values, int from, int length) {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        double sum = 0;
        double sumSquares = 0;
        int number = 0;
        for (int i = from; i < from + length; i++) {
            double value = values[i];
            if (Double.isFinite(value)) {
                min = Math.min(min, value);
                max = Math.max(max, value);
                sum += value;
                sumSquares += value * value;
                number++;
            }
        }
        HistogramProto.Builder histogram = HistogramProto.newBuilder();
        if (number == 0) {
            return histogram.build();
        }
        histogram.setMin(min).setMax(max).setNum(number).setSum(sum).setSumSquares(sumSquares);
        double[] limits = limits(min, max);
        for (double limit : limits) {
            histogram.addBucketLimit(limit);
        }
        for (int count : counts(values, from, length, limits)) {
            histogram.addBucket(count);
        }
        return histogram.build();
    }

    private static double[] limits(double min, double max) {
        int bins = max > min ? BINS : 1;
        double[] limits = new double[bins];
        for (int bin = 0; bin < bins - 1; bin++) {
            limits[bin] = min + (max - min) * (bin + 1) / bins;
        }
        limits[bins - 1] = max;
        return limits;
    }

    private static int[] counts(float[] values, int from, int length, double[] limits) {
        int[] counts = new int[limits.length];
        for (int i = from; i < from + length; i++) {
            if (Float.isFinite(values[i])) {
                int place = java.util.Arrays.binarySearch(limits, values[i]);
                counts[place >= 0 ? place : -place - 1]++;
            }
        }
        return counts;
    }
}
