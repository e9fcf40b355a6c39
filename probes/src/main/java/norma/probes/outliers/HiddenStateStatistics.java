package norma.probes.outliers;

import java.util.Arrays;

/**
 * What is gathered of one hidden state, token by token and sequence by sequence; padding never comes in. All sums are
 * in double. A NaN or infinity spoils the figures it enters: they become NaN.
 */
final class HiddenStateStatistics {
    private static final double LARGE = 6;
    private static final double MASSIVE = 100;
    private static final double MASSIVE_RATIO = 1000;
    private static final int TOP = 3;

    final int hidden;
    final double[] sum;
    final double[] squares;
    /** Largest |x| of each dimension. */
    final double[] largest;
    /** Tokens with |x| at least 6, of each dimension. */
    final long[] large;
    /** Activations with |x| > 100 and at least 1,000 times their sequence's median, of each dimension. */
    final long[] massive;
    /** Terms of the kurtosis of each token's vector, summed over tokens. */
    final double[] tokenTerms;
    /** Terms of the kurtosis of each sequence's (S, H) values, summed over sequences. */
    final double[] sequenceTerms;
    /** The three largest |x| of each sequence, summed over sequences. */
    final double[] top = new double[TOP];

    double medians;
    long tokens;
    long sequences;

    HiddenStateStatistics(int hidden) {
        this.hidden = hidden;
        sum = new double[hidden];
        squares = new double[hidden];
        largest = new double[hidden];
        large = new long[hidden];
        massive = new long[hidden];
        tokenTerms = new double[hidden];
        sequenceTerms = new double[hidden];
    }

    /**
     * Takes one sequence.
     *
     * @param values hidden states, row-major
     * @param from where the sequence begins
     * @param length its tokens, without padding
     */
    void add(float[] values, int from, int length) {
        double[] token = new double[hidden];
        for (int t = 0; t < length; t++) {
            for (int d = 0; d < hidden; d++) {
                double x = values[from + t * hidden + d];
                token[d] = x;
                sum[d] += x;
                squares[d] += x * x;
                largest[d] = Math.max(largest[d], Math.abs(x));
                if (Math.abs(x) >= LARGE) {
                    large[d]++;
                }
            }
            add(tokenTerms, Kurtosis.terms(token));
        }
        tokens += length;
        sequences++;
        sequence(values, from, length);
    }

    private void sequence(float[] values, int from, int length) {
        double[] all = new double[length * hidden];
        float[] magnitudes = new float[length * hidden];
        for (int i = 0; i < all.length; i++) {
            all[i] = values[from + i];
            magnitudes[i] = Math.abs(values[from + i]);
        }
        double[] terms = Kurtosis.terms(all);
        for (int i = 0; i < all.length; i++) {
            sequenceTerms[i % hidden] += terms[i];
        }
        Arrays.sort(magnitudes); // NaN last
        boolean broken = Float.isNaN(magnitudes[magnitudes.length - 1]);
        // The lower of the two middle values, as torch.median has it.
        double median = broken ? Double.NaN : magnitudes[(magnitudes.length - 1) / 2];
        medians += median;
        for (int rank = 0; rank < TOP; rank++) {
            int at = magnitudes.length - 1 - rank;
            top[rank] += broken || at < 0 ? Double.NaN : magnitudes[at];
        }
        for (int i = 0; i < all.length; i++) {
            double magnitude = Math.abs(all[i]);
            if (magnitude > MASSIVE && magnitude >= MASSIVE_RATIO * median) {
                massive[i % hidden]++;
            }
        }
    }

    /** Mean over sequences of the largest |x|. */
    double infinityNorm() {
        return top[0] / sequences;
    }

    private static void add(double[] sums, double[] terms) {
        for (int d = 0; d < sums.length; d++) {
            sums[d] += terms[d];
        }
    }

    static double[] divided(double[] values, long by) {
        return Arrays.stream(values).map(value -> value / by).toArray();
    }
}
