package norma.datasets.metrics;

import norma.datasets.metrics.Outcomes.Classes;
import norma.datasets.metrics.Outcomes.LabelSets;
import norma.datasets.metrics.Outcomes.Targets;

/** A measure of predictions. All but {@link #MEAN_SQUARED_ERROR} are better when larger. */
public enum Metric {
    /** The share of examples whose class was predicted. */
    ACCURACY("accuracy"),
    /** F1 of class 1 against class 0, 2 TP / (2 TP + FP + FN); 0 where nothing is positive on either side. */
    F1("f1"),
    /** The unweighted mean of the F1 of every class that is a label or a prediction of at least one example. */
    MACRO_F1("macro_f1"),
    /**
     * Matthews correlation, with more than two classes Gorodkin's generalisation (2004, "Comparing two K-category
     * assignments by a K-category correlation coefficient"); 0 where either side has one class only, as in
     * scikit-learn.
     */
    MATTHEWS_CORRELATION("matthews_correlation"),

    /** F1 of all decisions about all labels taken together; 0 where nothing is positive on either side. */
    LABEL_MICRO_F1("micro_f1"),
    /** The unweighted mean of the labels' F1; a label that neither holds nor is predicted anywhere counts 0. */
    LABEL_MACRO_F1("macro_f1"),
    /** The mean of the examples' F1; an example without labels and without predictions counts 0. */
    LABEL_SAMPLES_F1("samples_f1"),
    /** The share of examples whose labels were predicted all and without others. */
    SUBSET_ACCURACY("subset_accuracy"),

    /** Pearson's correlation; NaN where either side is constant, as in SciPy: the quotient is 0/0. */
    PEARSON("pearson"),
    /** Pearson's correlation of ranks, ties given the mean of their ranks; NaN where either side is constant. */
    SPEARMAN("spearman"),
    /** The mean of the squared differences. */
    MEAN_SQUARED_ERROR("mean_squared_error");

    private final String key;

    Metric(String key) {
        this.key = key;
    }

    /** What results and tables call it. */
    public String key() {
        return key;
    }

    /** Whether more is better. */
    public boolean higherIsBetter() {
        return this != MEAN_SQUARED_ERROR;
    }

    /**
     * The measure.
     *
     * @throws ClassCastException if the outcomes are of another kind than the metric measures
     */
    public double of(Outcomes outcomes) {
        return switch (this) {
            case ACCURACY -> ClassificationScores.accuracy((Classes) outcomes);
            case F1 -> ClassificationScores.binaryF1((Classes) outcomes);
            case MACRO_F1 -> ClassificationScores.macroF1((Classes) outcomes);
            case MATTHEWS_CORRELATION -> ClassificationScores.matthews((Classes) outcomes);
            case LABEL_MICRO_F1 -> LabelSetScores.microF1((LabelSets) outcomes);
            case LABEL_MACRO_F1 -> LabelSetScores.macroF1((LabelSets) outcomes);
            case LABEL_SAMPLES_F1 -> LabelSetScores.samplesF1((LabelSets) outcomes);
            case SUBSET_ACCURACY -> LabelSetScores.subsetAccuracy((LabelSets) outcomes);
            case PEARSON -> RegressionScores.pearson((Targets) outcomes);
            case SPEARMAN -> RegressionScores.spearman((Targets) outcomes);
            case MEAN_SQUARED_ERROR -> RegressionScores.meanSquaredError((Targets) outcomes);
        };
    }
}
