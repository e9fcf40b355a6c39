package norma.probes.outliers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.CausalLm;
import norma.datasets.objectives.MaskedLm;
import norma.datasets.objectives.Objective;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every definition on values whose answer is known without our code. */
@Tag("unit")
class OutlierDefinitionsTest {
    @Test
    void kurtosis_isThePopulationsOne_andNotTheExcess() {
        // scipy.stats.kurtosis(x, fisher=False): 1.7, 1.0, 8.2 ... and n - 1 + 1/(n - 1) of one value that differs
        assertThat(Kurtosis.of(new double[] {1, 2, 3, 4, 5})).isCloseTo(1.7, within(1e-12));
        assertThat(Kurtosis.of(new double[] {-1, 1})).isCloseTo(1, within(1e-12));
        assertThat(Kurtosis.of(new double[] {0, 0, 0, 7})).isCloseTo(3 - 1 + 1.0 / 3 + 0, within(1e-12));
    }

    @Test
    void ofEqualValuesNaNOrInfinity_kurtosisIsUndefined() {
        assertThat(Kurtosis.of(new double[] {0.1, 0.1, 0.1})).isNaN();
        assertThat(Kurtosis.of(new double[] {1, Double.NaN, 2})).isNaN();
        assertThat(Kurtosis.of(new double[] {1, Double.POSITIVE_INFINITY, 2})).isNaN();
    }

    @Test
    void layerNormKurtosis_isOfEachVector_andNamesTheLargestTerm() {
        float[] snapshot = {1, 1, 1, 5, 0, 0, 0, 0};
        List<LayerNormSite> sites = List.of(TestSites.bert("layer.0.output", 4));
        List<Finding> found = WeightDefinitions.of(snapshot, new SnapshotLayout(sites), new int[] {0});
        assertThat(found.get(0).values().get("mean")).isCloseTo(7.0 / 3, within(1e-12));
        assertThat(found.get(0).dimensions()).isEqualTo(Map.of(3, 1));
        assertThat(found.get(1).values().get("mean")).isNaN();
        assertThat(found.get(1).dimensions()).isEmpty();
    }

    @Test
    void theActivationKurtoses_areDifferentFigures_andEachIsItsOwn() {
        // Two tokens of one sequence: (1,1,1,5) and (1,1,1,-3).
        Map<String, Finding> found = findings(1, batch(1, 2, 2), new float[] {1, 1, 1, 5, 1, 1, 1, -3});
        assertThat(mean(found, "activation_kurtosis_per_token")).isCloseTo(7.0 / 3, within(1e-12));
        // The mean vector is (1,1,1,1): undefined.
        assertThat(mean(found, "activation_kurtosis_layer_mean")).isNaN();
        // Eight values, mean 1, deviations ±4 twice: 8 · 2·256 / (2·16)² = 4.
        assertThat(mean(found, "activation_kurtosis_per_sequence")).isCloseTo(4, within(1e-12));
        // s² = (1,1,1,17): mean(s⁴) = 292/4, mean(s²)² = 25.
        assertThat(mean(found, "feature_norm_kurtosis")).isCloseTo(73.0 / 25, within(1e-12));
        assertThat(found.get("feature_norm_kurtosis").dimensions()).isEqualTo(Map.of(3, 1));
    }

    @Test
    void ofOneDimension_theLargestOverLayersIsTaken_ofEachFigureByItself() {
        Activations activations = new Activations(List.of("layer.0.output", "layer.1.output"), 4);
        Batch batch = batch(1, 2, 2);
        activations.beginBatch(batch);
        activations.add(0, batch, new float[] {0, 0, 0, 99, 0, 0, 0, 99}); // the embeddings, which do not count
        activations.add(1, batch, new float[] {1, 1, 1, 5, 1, 1, 1, -3});
        activations.add(2, batch, new float[] {9, 3, 2, 6, 9, 0, 2, 1});
        activations.endBatch();
        DimensionActivation last = activations.of(3);
        assertThat(last.largest()).isEqualTo(6);
        assertThat(last.site()).isEqualTo("layer.1.output");
        // Layer 0: squares 2, 2, 2 and 25 + 9; layer 1: 37 of 216.
        assertThat(last.normShare()).isCloseTo(34.0 / 40, within(1e-12));
        // Layer 0: one value of four differs in both tokens, whose term is (3/4)^4 / (4 · (3/16)²) = 2.25.
        assertThat(last.kurtosis()).isCloseTo(2.25, within(1e-12));
        assertThat(activations.of(0).largest()).isEqualTo(9);
    }

    @Test
    void theInfinityNorm_isAveragedOverSequences_andPaddingIsNoPart() {
        float[] values = {1, -8, 2, 3, 4, 1, 99, 99};
        Map<String, Finding> found = findings(1, batch(2, 2, 2, 1), values);
        assertThat(found.get("largest_infinity_norm").values().get("largest")).isEqualTo((8 + 4) / 2.0);
        assertThat(found.get("largest_infinity_norm").dimensions()).isEqualTo(Map.of(1, 1));
    }

    @Test
    void llmInt8sThresholds_areAllReachedByEquality() {
        // 3 layers and the embeddings: 4 hidden states; 50 tokens: 6 % of 200 positions are 12.
        assertThat(int8(12, 6f)).isEqualTo(Map.of(0, 1));
        assertThat(int8(12, -6f)).isEqualTo(Map.of(0, 1));
        assertThat(int8(11, 6f)).isEmpty();
        assertThat(int8(50, Math.nextDown(6f))).isEmpty();
    }

    @Test
    void inLessThanAQuarterOfTheHiddenStates_isNotEnough() {
        Batch batch = batch(1, 50, 50);
        float[] loud = new float[100];
        for (int t = 0; t < 50; t++) {
            loud[2 * t] = 7;
        }
        assertThat(findings(3, batch, loud, 1).get("llm_int8_features").dimensions())
                .isEqualTo(Map.of(0, 1));
        assertThat(findings(4, batch, loud, 1).get("llm_int8_features").dimensions())
                .isEmpty();
    }

    @Test
    void aMassiveActivation_isMoreThan100_andAtLeastAThousandMedians() {
        assertThat(massive(101, 0.101f)).isEqualTo(Map.of());
        assertThat(massive(128, 0.125f)).isEqualTo(Map.of(1, 1));
        assertThat(massive(125, 0.125f)).isEqualTo(Map.of(1, 1)); // exactly a thousand
        assertThat(massive(100, 0.0625f)).isEqualTo(Map.of()); // not more than 100
        assertThat(massive(Math.nextUp(100f), 0.0625f)).isEqualTo(Map.of(1, 1));
    }

    @Test
    void massiveActivations_reportTheTopThreeAndTheLowerMedian() {
        Map<String, Double> values = findings(1, batch(1, 2, 2), new float[] {1, -9, 3, 4, 5, 2, 7, 8})
                .get("massive_activations")
                .values();
        assertThat(values)
                .containsEntry("top_1", 9.0)
                .containsEntry("top_2", 8.0)
                .containsEntry("top_3", 7.0);
        assertThat(values).containsEntry("median", 4.0); // of 1 2 3 4 5 7 8 9, as torch.median
    }

    @Test
    void withNaN_nothingIsFoundAndNothingThrown() {
        Map<String, Finding> found = findings(1, batch(1, 2, 2), new float[] {1, Float.NaN, 3, 4, 5, 2, 3, 1});
        assertThat(mean(found, "activation_kurtosis_per_token")).isNaN();
        assertThat(mean(found, "feature_norm_kurtosis")).isNaN();
        assertThat(found.get("largest_infinity_norm").values().get("largest")).isNaN();
        found.values()
                .forEach(finding ->
                        assertThat(finding.dimensions()).as(finding.name()).isEmpty());
    }

    @Test
    void correlations_areThoseOfTextbooks() {
        // scipy.stats.pearsonr and spearmanr of the same numbers.
        Correlation cubes = Correlation.of(new double[] {1, 2, 3, 4}, new double[] {1, 8, 27, 64});
        assertThat(cubes.pearson()).isCloseTo(0.9513699, within(1e-6));
        assertThat(cubes.spearman()).isCloseTo(1, within(1e-12));
        Correlation ties = Correlation.of(new double[] {1, 2, 2, 3}, new double[] {1, 3, 2, 4});
        assertThat(ties.spearman()).isCloseTo(0.9486833, within(1e-6));
        assertThat(Correlation.of(new double[] {1, 2}, new double[] {3, 3}).pearson())
                .isNaN();
    }

    @Test
    void plainText_hasTheTokensThatWereMasked_andIsAsItWasWhereTheNextOneIsPredicted() {
        Batch masked =
                new Batch(1, 3, new int[] {2, 103, 3}, new int[3], new int[] {3}, new int[] {1}, new int[] {7}, null);
        assertThat(plain(MaskedLm.STANDARD, masked)).containsExactly(2, 7, 3);
        assertThat(masked.inputIds()).containsExactly(2, 103, 3);
        int[] next = {0, 1};
        Batch causal = new Batch(1, 3, new int[] {2, 7, 3}, new int[3], new int[] {3}, next, new int[] {7, 3}, null);
        assertThat(plain(new CausalLm(), causal)).containsExactly(2, 7, 3);
    }

    private static int[] plain(Objective objective, Batch batch) {
        Batch plain = new LanguageModelEvaluation("a text", objective, List.of(batch))
                .plain()
                .get(0);
        assertThat(plain.predictedPositions()).isEmpty();
        return plain.inputIds();
    }

    private static Map<Integer, Integer> int8(int tokens, float value) {
        float[] loud = new float[100];
        for (int t = 0; t < tokens; t++) {
            loud[2 * t] = value;
        }
        return findings(3, batch(1, 50, 50), loud, 1).get("llm_int8_features").dimensions();
    }

    private static Map<Integer, Integer> massive(float large, float median) {
        return findings(1, batch(1, 1, 1), new float[] {median, large, median, -median})
                .get("massive_activations")
                .dimensions();
    }

    private static Map<String, Finding> findings(int layers, Batch batch, float[] values) {
        return findings(layers, batch, values, layers);
    }

    /** Hidden states of zeros, but for the last {@code loud} ones. */
    private static Map<String, Finding> findings(int layers, Batch batch, float[] values, int loud) {
        int hidden = values.length / batch.inputIds().length;
        Activations activations = new Activations(DefinitionsOracleTest.layers(layers), hidden);
        activations.beginBatch(batch);
        for (int index = 0; index <= layers; index++) {
            activations.add(index, batch, index > layers - loud ? values : new float[values.length]);
        }
        activations.endBatch();
        Map<String, Finding> byName = new java.util.LinkedHashMap<>();
        ActivationDefinitions.of(activations).forEach(finding -> byName.put(finding.name(), finding));
        return byName;
    }

    private static double mean(Map<String, Finding> found, String name) {
        return found.get(name).values().get("mean");
    }

    private static Batch batch(int rows, int length, int... lengths) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < rows * length; i++) {
            ids.add(i);
        }
        return new Batch(
                rows,
                length,
                ids.stream().mapToInt(Integer::intValue).toArray(),
                new int[rows * length],
                lengths,
                new int[0],
                new int[0],
                null);
    }
}
