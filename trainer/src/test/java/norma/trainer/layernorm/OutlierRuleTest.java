package norma.trainer.layernorm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.trainer.layernorm.OutlierRule.Combination;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class OutlierRuleTest {
    private static final int HIDDEN = 100;

    /** Ninety-nine values of −1 and +1 in turn and one that stands out; z follows from the formula by hand below. */
    private static final float FAR = 5;

    @Test
    void beyondInWeightAndBiasOfThreeOfFourLayers_isAnOutlier() {
        Model model = new Model(4);
        model.put(0, 17, FAR, FAR);
        model.put(2, 17, FAR, -FAR);
        model.put(3, 17, -FAR, FAR);
        List<OutlierDimension> found = model.apply(OutlierRule.PAPER);
        assertThat(found).hasSize(1);
        assertThat(found.get(0).dimension()).isEqualTo(17);
        assertThat(found.get(0).sites()).containsExactly("layer.0.output", "layer.2.output", "layer.3.output");
    }

    @Test
    void exactlyHalfOfTheLayers_isNotMoreThanHalf() {
        Model model = new Model(4);
        model.put(0, 17, FAR, FAR);
        model.put(1, 17, FAR, FAR);
        assertThat(model.apply(OutlierRule.PAPER)).isEmpty();
        assertThat(model.apply(new OutlierRule(3, 0.49, Combination.AND))).hasSize(1);
    }

    @Test
    void weightAlone_isAnOutlierOnlyByTheOrRule() {
        Model model = new Model(3);
        for (int layer = 0; layer < 3; layer++) {
            model.put(layer, 5, FAR, 1);
        }
        assertThat(model.apply(OutlierRule.PAPER)).isEmpty();
        assertThat(model.apply(new OutlierRule(3, 0.5, Combination.OR)))
                .extracting(OutlierDimension::dimension)
                .containsExactly(5);
    }

    @Test
    void weightInSomeLayersAndBiasInOthers_isNoOutlier() {
        Model model = new Model(4);
        model.put(0, 5, FAR, 1);
        model.put(1, 5, FAR, 1);
        model.put(2, 5, 1, FAR);
        model.put(3, 5, 1, FAR);
        assertThat(model.apply(OutlierRule.PAPER)).isEmpty();
    }

    @Test
    void differentPositionsInDifferentLayers_areNoOutliers() {
        Model model = new Model(4);
        for (int layer = 0; layer < 4; layer++) {
            model.put(layer, 10 + layer, FAR, FAR);
        }
        assertThat(model.apply(OutlierRule.PAPER)).isEmpty();
    }

    @Test
    void embeddingsAttentionAndHead_doNotCount() {
        Model model = new Model(2);
        for (int site = 0; site < model.sites.size(); site++) {
            if (!model.sites.get(site).isLayerOutput()) {
                model.putAtSite(site, 5, FAR, FAR);
            }
        }
        model.put(0, 5, FAR, FAR);
        assertThat(model.apply(OutlierRule.PAPER)).isEmpty();
        model.put(1, 5, FAR, FAR);
        assertThat(model.apply(OutlierRule.PAPER)).hasSize(1);
    }

    @Test
    void theThresholdIsStrictAndThePopulationStandardDeviationIsMeant() {
        // One value of a and H - 1 zeros: mean a/H, population deviation a sqrt(H-1)/H, so z = sqrt(H-1) whatever a is.
        // With H = 10 that is exactly 3: not more than 3. With the sample deviation it would be 2.846.
        float[] ten = new float[4 * 10];
        LayerNormSite output = TestSites.bert("layer.0.output", 10);
        List<LayerNormSite> sites = List.of(TestSites.bert("embeddings", 10), output);
        ten[2 * 10 + 3] = 10;
        ten[3 * 10 + 3] = 10;
        assertThat(VectorStatistics.z(ten, 20, 10)[3]).isEqualTo(3.0);
        assertThat(OutlierRule.PAPER.apply(ten, new SnapshotLayout(sites))).isEmpty();
        assertThat(new OutlierRule(Math.nextDown(3.0), 0.5, Combination.AND).apply(ten, new SnapshotLayout(sites)))
                .hasSize(1);
        assertThat(new OutlierRule(2.9, 0.5, Combination.AND).apply(ten, new SnapshotLayout(sites)))
                .hasSize(1);
    }

    @Test
    void severalOutliers_comeInAscendingOrderWithTheirFarthestZ() {
        Model model = new Model(3);
        for (int layer = 0; layer < 3; layer++) {
            model.put(layer, 80, FAR + layer, -FAR - layer);
            model.put(layer, 4, -FAR, FAR);
        }
        List<OutlierDimension> found = model.apply(OutlierRule.PAPER);
        assertThat(found).extracting(OutlierDimension::dimension).containsExactly(4, 80);
        SnapshotLayout layout = new SnapshotLayout(model.sites);
        int last = model.output(2);
        assertThat(found.get(1).weightZ())
                .isEqualTo(VectorStatistics.z(model.snapshot, layout.weight(last), HIDDEN)[80])
                .isGreaterThan(3);
        assertThat(found.get(1).biasZ())
                .isEqualTo(VectorStatistics.z(model.snapshot, layout.bias(last), HIDDEN)[80])
                .isLessThan(-3);
    }

    @Test
    void constantVectorsAndNaN_giveNoOutlier() {
        Model model = new Model(2);
        Arrays.fill(model.snapshot, 0.1f);
        assertThat(model.apply(new OutlierRule(0, 0, Combination.OR))).isEmpty();
        Arrays.fill(model.snapshot, Float.NaN);
        assertThat(model.apply(new OutlierRule(0, 0, Combination.OR))).isEmpty();
    }

    @Test
    void nanInOneLayer_leavesTheOtherLayersCounting() {
        Model model = new Model(3);
        for (int layer = 0; layer < 3; layer++) {
            model.put(layer, 9, FAR, FAR);
        }
        model.put(1, 50, Float.NaN, Float.NaN);
        assertThat(model.apply(OutlierRule.PAPER)).hasSize(1);
        assertThat(model.apply(OutlierRule.PAPER).get(0).sites()).containsExactly("layer.0.output", "layer.2.output");
    }

    @Test
    void aSnapshotOfAnotherSize_isRefusedWithBothSizes() {
        Model model = new Model(2);
        assertThatThrownBy(() -> OutlierRule.PAPER.apply(new float[7], new SnapshotLayout(model.sites)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("7 values")
                .hasMessageContaining("1200");
    }

    @Test
    void siteStatistics_ofKnownVectors() {
        // Weight: 1, 2, 3, 4 (mean 2.5, population variance 1.25); bias: 0, 0, 0, -8 (mean -2, deviation sqrt 12).
        float[] snapshot = {1, 2, 3, 4, 0, 0, 0, -8};
        SiteStatistics site = SiteStatistics.of(snapshot, new SnapshotLayout(List.of(TestSites.bert("head", 4))))
                .get(0);
        assertThat(site.site()).isEqualTo("head");
        assertThat(site.weight().mean()).isEqualTo(2.5);
        assertThat(site.weight().standardDeviation()).isEqualTo(Math.sqrt(1.25));
        assertThat(site.weight().largestZ()).isEqualTo(-1.5 / Math.sqrt(1.25));
        assertThat(site.weight().dimension()).isZero();
        assertThat(site.bias().largestZ()).isEqualTo(-6 / Math.sqrt(12));
        assertThat(site.bias().dimension()).isEqualTo(3);
        assertThat(site.bias().beyond()).isZero();
    }

    @Test
    void siteStatistics_countsBeyondThreeSigma() {
        Model model = new Model(1);
        model.put(0, 3, FAR, FAR);
        model.put(0, 4, -FAR, 1);
        SiteStatistics site = SiteStatistics.of(model.snapshot, new SnapshotLayout(model.sites))
                .get(model.output(0));
        assertThat(site.weight().beyond()).isEqualTo(2);
        assertThat(site.bias().beyond()).isEqualTo(1);
        assertThat(site.bias().dimension()).isEqualTo(3);
    }

    @Test
    void siteStatistics_ofConstantAndOfNaN() {
        float[] snapshot = {0.1f, 0.1f, 0.1f, Float.NaN, 1, 2};
        SiteStatistics site = SiteStatistics.of(snapshot, new SnapshotLayout(List.of(TestSites.bert("head", 3))))
                .get(0);
        assertThat(site.weight().standardDeviation()).isZero();
        assertThat(site.weight().largestZ()).isZero();
        assertThat(site.weight().beyond()).isZero();
        assertThat(site.bias().largestZ()).isNaN();
        assertThat(site.bias().dimension()).isEqualTo(-1);
        assertThat(site.bias().beyond()).isZero();
    }

    /** A snapshot whose vectors all alternate between −1 and +1, apart from what is put there. */
    private static final class Model {
        final List<LayerNormSite> sites = new ArrayList<>();
        final float[] snapshot;

        Model(int layers) {
            sites.add(TestSites.bert("embeddings", HIDDEN));
            for (int layer = 0; layer < layers; layer++) {
                sites.add(TestSites.bert("layer." + layer + ".attention.output", HIDDEN));
                sites.add(TestSites.bert("layer." + layer + ".output", HIDDEN));
            }
            sites.add(TestSites.bert("head", HIDDEN));
            snapshot = new float[sites.size() * 2 * HIDDEN];
            for (int i = 0; i < snapshot.length; i++) {
                snapshot[i] = i % 2 == 0 ? -1 : 1;
            }
        }

        int output(int layer) {
            return 2 + 2 * layer;
        }

        void put(int layer, int dimension, float weight, float bias) {
            putAtSite(output(layer), dimension, weight, bias);
        }

        void putAtSite(int site, int dimension, float weight, float bias) {
            snapshot[site * 2 * HIDDEN + dimension] = weight;
            snapshot[site * 2 * HIDDEN + HIDDEN + dimension] = bias;
        }

        List<OutlierDimension> apply(OutlierRule rule) {
            return rule.apply(snapshot, new SnapshotLayout(sites));
        }
    }
}
