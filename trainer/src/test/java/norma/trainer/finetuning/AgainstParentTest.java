package norma.trainer.finetuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
class AgainstParentTest {
    private static final int HIDDEN = 20;
    private static final List<LayerNormSite> SITE = List.of(TestSites.bert("layer.0.output", HIDDEN));
    private static final SnapshotLayout LAYOUT = new SnapshotLayout(SITE);

    /** A weight and a bias around 1 and 0, both far away at one dimension. */
    private static float[] snapshot(int outlier) {
        float[] snapshot = new float[2 * HIDDEN];
        for (int d = 0; d < HIDDEN; d++) {
            snapshot[d] = 1 + (d % 2 == 0 ? 0.01f : -0.01f);
            snapshot[HIDDEN + d] = d % 2 == 0 ? 0.01f : -0.01f;
        }
        snapshot[outlier] = 3;
        snapshot[HIDDEN + outlier] = -2;
        return snapshot;
    }

    @Test
    void theFarthestMovement_isFound_andMeasuredInTheParentsDeviations() {
        float[] parent = snapshot(4);
        float[] child = parent.clone();
        child[7] += 0.5f;
        child[9] -= 0.25f;
        // the parent may have more sites, such as the masked-LM head's
        AgainstParent against = AgainstParent.of(
                Arrays.copyOf(parent, 4 * HIDDEN),
                new SnapshotLayout(List.of(SITE.get(0), TestSites.bert("head", HIDDEN))),
                child,
                LAYOUT);
        AgainstParent.Movement weight = against.sites().get(0).weight();
        assertThat(weight.dimension()).isEqualTo(7);
        assertThat(weight.change()).isCloseTo(0.5, within(1e-6));
        assertThat(weight.meanAbsolute()).isCloseTo(0.75 / HIDDEN, within(1e-6));
        double mean = 0;
        double squares = 0;
        for (int d = 0; d < HIDDEN; d++) {
            mean += parent[d] / (double) HIDDEN;
            squares += (double) parent[d] * parent[d] / HIDDEN;
        }
        assertThat(weight.deviations()).isCloseTo(0.5 / Math.sqrt(squares - mean * mean), within(1e-4));
        assertThat(against.sites().get(0).bias().change()).isZero();
        assertThat(against.kept()).containsExactly(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {384, 768})
    void aConstantVector_hasNoDeviationToMeasureIn(int hidden) {
        float[] parent = new float[2 * hidden];
        Arrays.fill(parent, 0, hidden, 0.9f);
        Arrays.fill(parent, hidden, 2 * hidden, -0.1f);
        float[] child = parent.clone();
        child[5] += 0.25f;
        child[hidden + 6] -= 0.25f;
        SnapshotLayout layout = new SnapshotLayout(List.of(TestSites.bert("layer.0.output", hidden)));
        AgainstParent against = AgainstParent.of(parent, layout, child, layout);
        assertThat(against.sites().get(0).weight().deviations()).isNaN();
        assertThat(against.sites().get(0).bias().deviations()).isNaN();
        assertThat(against.sites().get(0).weight().change()).isCloseTo(0.25, within(1e-6));
        assertThat(against.json()
                        .at("/sites/layer.0.output/weight/change_in_deviations")
                        .isNull())
                .isTrue();
    }

    @Test
    void sitesAreFoundByName_andAVectorThatIsMissingHasNoMovement() {
        SnapshotLayout parentLayout = new SnapshotLayout(
                List.of(TestSites.bert("head", 4), TestSites.output(Stack.ENCODER, 0, 2, true, false)));
        SnapshotLayout childLayout = new SnapshotLayout(List.of(TestSites.output(Stack.ENCODER, 0, 2, true, false)));
        float nan = Float.NaN;
        float[] parent = {9, 9, 9, 9, 9, 9, 9, 9, 1, 3, nan, nan, nan, nan, nan, nan};
        float[] child = {1, 2.5f, nan, nan};
        AgainstParent against = AgainstParent.of(parent, parentLayout, child, childLayout);
        assertThat(against.sites()).hasSize(1);
        assertThat(against.sites().get(0).weight()).isEqualTo(new AgainstParent.Movement(1, 3, 2.5, -0.5, 0.25));
        assertThat(against.sites().get(0).bias()).isNull();
        assertThat(against.json().at("/sites/encoder.0/weight/change").asDouble())
                .isEqualTo(-0.5);
        assertThat(against.json().at("/sites/encoder.0").has("bias")).isTrue();
        assertThat(against.json().at("/sites/encoder.0/bias").isNull()).isTrue();
    }

    @Test
    void anOutlierThatLeaves_isNotKept() {
        AgainstParent against = AgainstParent.of(snapshot(4), LAYOUT, snapshot(11), LAYOUT);
        assertThat(against.parent()).extracting("dimension").containsExactly(4);
        assertThat(against.child()).extracting("dimension").containsExactly(11);
        assertThat(against.kept()).isEmpty();
        assertThat(against.json()
                        .at("/outlier_dimensions/fine_tuned/0/dimension")
                        .asInt())
                .isEqualTo(11);
    }
}
