package norma.datasets.metrics;

import norma.datasets.metrics.Outcomes.Classes;

/** Measures of one predicted class an example. */
final class ClassificationScores {
    private ClassificationScores() {}

    static double accuracy(Classes outcomes) {
        return (double) agreements(outcomes) / outcomes.truth().length;
    }

    private static long agreements(Classes outcomes) {
        long agreements = 0;
        for (int i = 0; i < outcomes.truth().length; i++) {
            agreements += outcomes.truth()[i] == outcomes.predicted()[i] ? 1 : 0;
        }
        return agreements;
    }

    static double binaryF1(Classes outcomes) {
        if (outcomes.classes() > 2) {
            throw new IllegalArgumentException("F1 of class 1 is of two classes; there are " + outcomes.classes());
        }
        return counts(outcomes, 2)[1].f1();
    }

    static double macroF1(Classes outcomes) {
        double sum = 0;
        int seen = 0;
        for (Confusion counts : counts(outcomes, outcomes.classes())) {
            if (!counts.isEmpty()) {
                sum += counts.f1();
                seen++;
            }
        }
        return sum / seen;
    }

    private static Confusion[] counts(Classes outcomes, int classes) {
        long[] truePositives = new long[classes];
        long[] predicted = new long[classes];
        long[] actual = new long[classes];
        for (int i = 0; i < outcomes.truth().length; i++) {
            int truth = outcomes.truth()[i];
            actual[truth]++;
            predicted[outcomes.predicted()[i]]++;
            truePositives[truth] += truth == outcomes.predicted()[i] ? 1 : 0;
        }
        Confusion[] counts = new Confusion[classes];
        for (int c = 0; c < classes; c++) {
            counts[c] = new Confusion(truePositives[c], predicted[c] - truePositives[c], actual[c] - truePositives[c]);
        }
        return counts;
    }

    static double matthews(Classes outcomes) {
        double n = outcomes.truth().length;
        double products = 0; // sum over classes of (times a label) * (times predicted)
        double labelSquares = 0;
        double predictionSquares = 0;
        for (Confusion counts : counts(outcomes, outcomes.classes())) {
            double actual = counts.truePositives() + counts.falseNegatives();
            double predicted = counts.truePositives() + counts.falsePositives();
            products += actual * predicted;
            labelSquares += actual * actual;
            predictionSquares += predicted * predicted;
        }
        double spread = (n * n - labelSquares) * (n * n - predictionSquares);
        return spread == 0 ? 0 : (agreements(outcomes) * n - products) / Math.sqrt(spread);
    }
}
