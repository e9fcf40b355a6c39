package norma.datasets.metrics;

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
        return Correlation.pearson(outcomes.truth(), outcomes.predicted());
    }

    static double spearman(Targets outcomes) {
        return Correlation.spearman(outcomes.truth(), outcomes.predicted());
    }
}
