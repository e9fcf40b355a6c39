package norma.probes.outliers;

import java.util.Arrays;

/** What the definitions need of one layer's hidden states, gathered token by token. Moments divide by n. */
final class LayerActivations {
    private static final double LLM_INT8_MAGNITUDE = 6;
    private static final double MASSIVE_MAGNITUDE = 100;
    private static final double MASSIVE_RATIO = 1000;

    private final int hidden;
    private final double[] sums;
    private final double[] squares;
    private final double[] largest;
    private final long[] beyondSix;
    private final long[] massive;
    private final long[] leading; // tokens whose largest |x - mean| is at a dimension
    private double kurtosisSum;
    private long tokens;
    private double sequenceMaxima;
    private long sequences;
    private double medianSum;

    LayerActivations(int hidden) {
        this.hidden = hidden;
        sums = new double[hidden];
        squares = new double[hidden];
        largest = new double[hidden];
        beyondSix = new long[hidden];
        massive = new long[hidden];
        leading = new long[hidden];
    }

    /**
     * Takes the tokens of one sequence.
     *
     * @param values (…, H), row-major
     * @param from first value of its first token
     * @param length its tokens
     */
    void sequence(float[] values, int from, int length) {
        double[] magnitudes = new double[length * hidden];
        double most = 0;
        for (int t = 0; t < length; t++) {
            int at = from + t * hidden;
            double[] token = new double[hidden];
            for (int d = 0; d < hidden; d++) {
                double x = values[at + d];
                token[d] = x;
                double magnitude = Math.abs(x);
                magnitudes[t * hidden + d] = magnitude;
                sums[d] += x;
                squares[d] += x * x;
                largest[d] = Math.max(largest[d], magnitude);
                if (magnitude >= LLM_INT8_MAGNITUDE) {
                    beyondSix[d]++;
                }
                most = Math.max(most, magnitude);
            }
            kurtosisSum += Definition.kurtosis(token);
            leading[Definition.farthest(token)]++;
        }
        tokens += length;
        sequenceMaxima += most;
        sequences++;
        double median = median(magnitudes.clone());
        medianSum += median;
        for (int i = 0; i < magnitudes.length; i++) {
            if (magnitudes[i] > MASSIVE_MAGNITUDE && magnitudes[i] > MASSIVE_RATIO * median) {
                massive[i % hidden]++;
            }
        }
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    long tokens() {
        return tokens;
    }

    double meanTokenKurtosis() {
        return kurtosisSum / tokens;
    }

    /** Mean over tokens per dimension. */
    double[] mean() {
        return Arrays.stream(sums).map(sum -> sum / tokens).toArray();
    }

    /** Mean square over tokens per dimension. */
    double[] meanSquare() {
        return Arrays.stream(squares).map(sum -> sum / tokens).toArray();
    }

    /** mean(s^4) / mean(s^2)^2 from the mean squares s^2. */
    double featureNormKurtosis() {
        double second = 0;
        double fourth = 0;
        for (double square : meanSquare()) {
            second += square;
            fourth += square * square;
        }
        return hidden * fourth / (second * second);
    }

    /** Largest |x| per dimension. */
    double[] largest() {
        return largest.clone();
    }

    /** Mean over sequences of the largest |x|. */
    double meanSequenceMaximum() {
        return sequenceMaxima / sequences;
    }

    /** Tokens with |x| of at least 6, per dimension. */
    long[] beyondSix() {
        return beyondSix.clone();
    }

    /** Massive activations per dimension. */
    long[] massive() {
        return massive.clone();
    }

    /** Mean over sequences of the median |x|. */
    double meanMedian() {
        return medianSum / sequences;
    }

    /** Tokens whose value farthest from their mean is at a dimension. */
    long[] leading() {
        return leading.clone();
    }
}
