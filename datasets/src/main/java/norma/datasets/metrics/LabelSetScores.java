package norma.datasets.metrics;

import norma.datasets.metrics.Outcomes.LabelSets;

/** Measures of predicted sets of labels. */
final class LabelSetScores {
    private LabelSetScores() {}

    static double microF1(LabelSets outcomes) {
        return counts(outcomes, 0, outcomes.truth().length, 1).f1();
    }

    static double macroF1(LabelSets outcomes) {
        double sum = 0;
        for (int label = 0; label < outcomes.labels(); label++) {
            sum += counts(outcomes, label, outcomes.truth().length, outcomes.labels())
                    .f1();
        }
        return sum / outcomes.labels();
    }

    static double samplesF1(LabelSets outcomes) {
        int labels = outcomes.labels();
        double sum = 0;
        for (int from = 0; from < outcomes.truth().length; from += labels) {
            sum += counts(outcomes, from, from + labels, 1).f1();
        }
        return sum * labels / outcomes.truth().length;
    }

    static double subsetAccuracy(LabelSets outcomes) {
        int labels = outcomes.labels();
        long right = 0;
        for (int from = 0; from < outcomes.truth().length; from += labels) {
            Confusion counts = counts(outcomes, from, from + labels, 1);
            right += counts.falsePositives() + counts.falseNegatives() == 0 ? 1 : 0;
        }
        return (double) right * labels / outcomes.truth().length;
    }

    private static Confusion counts(LabelSets outcomes, int from, int to, int stride) {
        long truePositives = 0;
        long falsePositives = 0;
        long falseNegatives = 0;
        for (int i = from; i < to; i += stride) {
            boolean truth = outcomes.truth()[i];
            boolean predicted = outcomes.predicted()[i];
            truePositives += truth && predicted ? 1 : 0;
            falsePositives += !truth && predicted ? 1 : 0;
            falseNegatives += truth && !predicted ? 1 : 0;
        }
        return new Confusion(truePositives, falsePositives, falseNegatives);
    }
}
