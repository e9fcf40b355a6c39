package norma.datasets.metrics;

import java.util.Arrays;
import java.util.stream.IntStream;
import norma.datasets.metrics.Outcomes.Targets;

/** Measures of predicted numbers. */
final class RegressionScores {
    private RegressionScores() {}

    static double meanSquaredError(Targets outcomes) {
        double sum = 0;
        for (int i = 0; i < outcomes.truth().length; i++) {
            double difference = outcomes.predicted()[i] - outcomes.truth()[i];
            sum += difference * difference;
        }
        return sum / outcomes.truth().length;
    }

    static double pearson(Targets outcomes) {
        return correlation(outcomes.truth(), outcomes.predicted());
    }

    static double spearman(Targets outcomes) {
        if (hasNaN(outcomes.truth()) || hasNaN(outcomes.predicted())) {
            return Double.NaN; // NaN has no rank
        }
        return correlation(ranks(outcomes.truth()), ranks(outcomes.predicted()));
    }

    private static double correlation(double[] x, double[] y) {
        if (isConstant(x) || isConstant(y)) {
            return Double.NaN; // said here: a mean that is rounded would make a number of it
        }
        double meanX = Arrays.stream(x).average().orElseThrow();
        double meanY = Arrays.stream(y).average().orElseThrow();
        double products = 0;
        double squaresX = 0;
        double squaresY = 0;
        for (int i = 0; i < x.length; i++) {
            double dx = x[i] - meanX;
            double dy = y[i] - meanY;
            products += dx * dy;
            squaresX += dx * dx;
            squaresY += dy * dy;
        }
        double r = products / (Math.sqrt(squaresX) * Math.sqrt(squaresY));
        return Math.max(-1, Math.min(1, r)); // rounding may lead a hair outside
    }

    private static boolean isConstant(double[] values) {
        return Arrays.stream(values).allMatch(value -> value == values[0]);
    }

    private static boolean hasNaN(double[] values) {
        return Arrays.stream(values).anyMatch(Double::isNaN);
    }

    /** Ranks from 1; equal values share the mean of theirs. */
    static double[] ranks(double[] values) {
        int[] order = IntStream.range(0, values.length)
                .boxed()
                .sorted((a, b) -> Double.compare(values[a] + 0.0, values[b] + 0.0)) // + 0.0: -0 equals 0
                .mapToInt(Integer::intValue)
                .toArray();
        double[] ranks = new double[values.length];
        for (int from = 0, to; from < order.length; from = to) {
            to = from + 1;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = (from + 1 + to) / 2.0;
            }
        }
        return ranks;
    }
}
