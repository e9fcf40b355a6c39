package norma.datasets.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import norma.datasets.metrics.Outcomes.Classes;
import norma.datasets.metrics.Outcomes.LabelSets;
import norma.datasets.metrics.Outcomes.Targets;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against the examples in the documentation of scikit-learn and SciPy. */
@Tag("unit")
class MetricTest {
    private static final Offset<Double> ROUNDING = within(1e-15);

    private static int[] of(int... values) {
        return values;
    }

    private static double[] numbers(double... values) {
        return values;
    }

    /** scikit-learn.org/stable/modules/generated/sklearn.metrics.accuracy_score.html. */
    @Test
    void accuracy_isThatOfScikitLearnsExample() {
        assertThat(Metric.ACCURACY.of(new Classes(of(0, 1, 2, 3), of(0, 2, 1, 3))))
                .isEqualTo(0.5);
    }

    /** …/sklearn.metrics.accuracy_score.html, the second example. */
    @Test
    void subsetAccuracy_isThatOfScikitLearnsExample() {
        LabelSets outcomes =
                new LabelSets(2, new boolean[] {false, true, true, true}, new boolean[] {true, true, true, true});
        assertThat(Metric.SUBSET_ACCURACY.of(outcomes)).isEqualTo(0.5);
    }

    /** …/sklearn.metrics.f1_score.html: 0.267 with average='macro'. */
    @Test
    void macroF1_isThatOfScikitLearnsExample() {
        assertThat(Metric.MACRO_F1.of(new Classes(of(0, 1, 2, 0, 1, 2), of(0, 2, 1, 0, 0, 1))))
                .isCloseTo(0.8 / 3, ROUNDING) // F1 of class 0 is 0.8, of the others 0
                .isCloseTo(0.267, within(0.0005));
    }

    /** …/sklearn.metrics.f1_score.html, the multi-label example: 0.666…, 1, 0.666… of the labels. */
    @Test
    void labelMacroF1_isThatOfScikitLearnsExample() {
        LabelSets outcomes = new LabelSets(
                3,
                new boolean[] {false, false, false, true, true, true, false, true, true},
                new boolean[] {false, false, false, true, true, true, true, true, false});
        assertThat(Metric.LABEL_MACRO_F1.of(outcomes)).isCloseTo((2 / 3.0 + 1 + 2 / 3.0) / 3, ROUNDING);
        // by hand: 4 true positives, 1 false positive, 1 false negative
        assertThat(Metric.LABEL_MICRO_F1.of(outcomes)).isCloseTo(8 / 10.0, ROUNDING);
        // by hand: 0/0 counts 0, all three of three, one of two and two
        assertThat(Metric.LABEL_SAMPLES_F1.of(outcomes)).isCloseTo((0 + 1 + 0.5) / 3, ROUNDING);
    }

    @Test
    void binaryF1_isThatOfClass1() {
        // 2 true positives, 1 false positive, 2 false negatives
        assertThat(Metric.F1.of(new Classes(of(1, 1, 1, 1, 0, 0), of(1, 1, 0, 0, 1, 0))))
                .isCloseTo(4 / 7.0, ROUNDING);
        assertThat(Metric.F1.of(new Classes(of(0, 0), of(0, 0)))).isZero();
        assertThatThrownBy(() -> Metric.F1.of(new Classes(of(0, 2), of(0, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two classes");
    }

    /** …/sklearn.metrics.matthews_corrcoef.html: -0.33. */
    @Test
    void matthews_isThatOfScikitLearnsExample() {
        assertThat(Metric.MATTHEWS_CORRELATION.of(new Classes(of(1, 1, 1, 0), of(1, 0, 1, 1))))
                .isCloseTo(-1 / 3.0, ROUNDING);
    }

    @Test
    void matthewsOfTwoClasses_isPearsonsCorrelationOfThem() {
        int[] truth = of(0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1);
        int[] predicted = of(0, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0);
        double[] x = java.util.Arrays.stream(truth).asDoubleStream().toArray();
        double[] y = java.util.Arrays.stream(predicted).asDoubleStream().toArray();
        assertThat(Metric.MATTHEWS_CORRELATION.of(new Classes(truth, predicted)))
                .isCloseTo(Metric.PEARSON.of(new Targets(x, y)), ROUNDING);
    }

    @Test
    void matthewsOfThreeClasses_isGorodkins() {
        // by hand: 4 of 6 right, labels 2 2 2, predictions 3 2 1: (24 - 12) / sqrt((36 - 12) (36 - 14))
        assertThat(Metric.MATTHEWS_CORRELATION.of(new Classes(of(0, 0, 1, 1, 2, 2), of(0, 0, 1, 0, 2, 1))))
                .isCloseTo(12 / Math.sqrt(24 * 22), ROUNDING);
    }

    @Test
    void matthewsOfManyExamples_doesNotOverflow() {
        int n = 400_000;
        int[] truth = new int[n];
        int[] predicted = new int[n];
        for (int i = 0; i < n; i++) {
            truth[i] = i % 2;
            predicted[i] = i % 2;
        }
        assertThat(Metric.MATTHEWS_CORRELATION.of(new Classes(truth, predicted)))
                .isCloseTo(1, within(1e-12));
    }

    @Test
    void matthews_isZeroWhereOneSideHasOneClass() {
        assertThat(Metric.MATTHEWS_CORRELATION.of(new Classes(of(0, 1, 1), of(1, 1, 1))))
                .isZero();
        assertThat(Metric.MATTHEWS_CORRELATION.of(new Classes(of(1, 1, 1), of(1, 0, 1))))
                .isZero();
        assertThat(Metric.MATTHEWS_CORRELATION.of(new Classes(of(1, 1), of(1, 1))))
                .isZero();
    }

    /** docs.scipy.org/doc/scipy/reference/generated/scipy.stats.spearmanr.html, first example. */
    @Test
    void spearman_isThatOfScipysExample() {
        assertThat(Metric.SPEARMAN.of(new Targets(numbers(1, 2, 3, 4, 5), numbers(5, 6, 7, 8, 7))))
                .isCloseTo(0.8207826816681233, ROUNDING);
    }

    /** docs.scipy.org/doc/scipy/reference/generated/scipy.stats.rankdata.html: [0, 2, 3, 2] has 1, 2.5, 4, 2.5. */
    @Test
    void tiedValues_shareTheMeanOfTheirRanks() {
        assertThat(Correlation.ranks(numbers(0, 2, 3, 2))).containsExactly(1, 2.5, 4, 2.5);
        assertThat(Correlation.ranks(numbers(0.0, -0.0, 7, 7, 7))).containsExactly(1.5, 1.5, 4, 4, 4);
    }

    /** docs.scipy.org/doc/scipy/reference/generated/scipy.stats.pearsonr.html, first example. */
    @Test
    void pearson_isThatOfScipysExample() {
        double[] x = numbers(1, 2, 3, 4, 5, 6, 7);
        double[] y = numbers(10, 9, 2.5, 6, 4, 3, 2);
        assertThat(Metric.PEARSON.of(new Targets(x, y))).isCloseTo(-0.828503883588428, ROUNDING);
    }

    @Test
    void pearsonOfNumbersFarFromZero_keepsItsDigits() {
        double[] x = numbers(1e8 + 1, 1e8 + 2, 1e8 + 3, 1e8 + 4, 1e8 + 5);
        double[] y = numbers(5, 6, 7, 8, 7);
        assertThat(Metric.PEARSON.of(new Targets(x, y)))
                .isCloseTo(Metric.PEARSON.of(new Targets(numbers(1, 2, 3, 4, 5), y)), within(1e-9));
    }

    @Test
    void correlationOfAConstant_isUndefined() {
        double[] tenths = numbers(0.1, 0.1, 0.1); // whose mean is not 0.1 in binary
        for (Metric metric : new Metric[] {Metric.PEARSON, Metric.SPEARMAN}) {
            assertThat(metric.of(new Targets(numbers(1, 2, 3), tenths))).isNaN();
            assertThat(metric.of(new Targets(tenths, numbers(1, 2, 3)))).isNaN();
            assertThat(metric.of(new Targets(numbers(1), numbers(2)))).isNaN();
            assertThat(metric.of(new Targets(numbers(1, 2, 3), numbers(1, Double.NaN, 3))))
                    .isNaN();
        }
    }

    /** scikit-learn.org/stable/modules/generated/sklearn.metrics.mean_squared_error.html, first example. */
    @Test
    void meanSquaredError_isThatOfScikitLearnsExample() {
        assertThat(Metric.MEAN_SQUARED_ERROR.of(new Targets(numbers(3, -0.5, 2, 7), numbers(2.5, 0.0, 2, 8))))
                .isEqualTo(0.375);
        assertThat(Metric.MEAN_SQUARED_ERROR.higherIsBetter()).isFalse();
    }

    @Test
    void unequalLengths_areRefused() {
        assertThatThrownBy(() -> new Classes(of(1), of(1, 0))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Targets(numbers(), numbers())).isInstanceOf(IllegalArgumentException.class);
    }
}
