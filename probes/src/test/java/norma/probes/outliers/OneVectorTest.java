package norma.probes.outliers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import norma.probes.dimensions.RuleDescription;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Outliers of layers that lack a vector or are narrower than others. */
@Tag("unit")
class OneVectorTest {
    private static final int WIDTH = 16;
    private static final SnapshotLayout LAYOUT = new SnapshotLayout(List.of(
            TestSites.output(Stack.DECODER, 0, WIDTH, true, false),
            TestSites.output(Stack.DECODER, 1, WIDTH, true, false)));

    private static float[] snapshot() {
        float[] snapshot = LAYOUT.blank();
        for (int site = 0; site < 2; site++) {
            for (int d = 0; d < WIDTH; d++) {
                snapshot[LAYOUT.weight(site) + d] = d == 9 ? 5 : 1;
            }
        }
        return snapshot;
    }

    private static OutlierReport report(SnapshotLayout layout, float[] snapshot) {
        int[] counted = layout.outputs();
        return new OutlierReport(
                new RuleDescription(OutlierRule.PAPER, layout.sites(), null),
                OutlierRule.PAPER.apply(snapshot, layout),
                List.of(),
                SiteStatistics.of(snapshot, layout),
                WeightDefinitions.of(snapshot, layout, counted),
                List.of(9),
                List.of(),
                0,
                new HiddenStates(List.of()));
    }

    @Test
    void asText_whatIsMissingIsADash_andTheRuleSaysWhatItLookedAt() {
        assertThat(OutlierText.of(report(LAYOUT, snapshot())))
                .contains("in more than 0.5 of 2 sites:")
                .contains("  the sites have no bias: there the rule looks at the other vector alone")
                .contains("  dimension 9   2 of 2   z of weight +3.9, of bias -\n")
                .containsPattern("decoder.1 +\\+3\\.9 \\(9\\), 1 +-\n")
                .containsPattern("layernorm_bias_kurtosis +- +none(\n|$)");
    }

    @Test
    void asJson_itIsNull() {
        ObjectNode json = OutlierJson.of(report(LAYOUT, snapshot()));
        assertThat(json.at("/dimensions/0/weight_z").asDouble()).isCloseTo(Math.sqrt(15), within(1e-12));
        assertThat(json.at("/dimensions/0").has("bias_z")).isTrue();
        assertThat(json.at("/dimensions/0/bias_z").isNull()).isTrue();
        assertThat(json.at("/sites/1").has("bias")).isTrue();
        assertThat(json.at("/sites/1/bias").isNull()).isTrue();
        assertThat(json.at("/rule/note").asText()).contains("no bias");
    }

    @Test
    void whereAllSitesHaveBoth_thereIsNoNote() {
        SnapshotLayout both = new SnapshotLayout(TestSites.ofBert(1, WIDTH));
        OutlierReport report = report(both, new float[both.length()]);
        assertThat(OutlierJson.of(report).get("rule").toString())
                .isEqualTo("{\"sigma\":3.0,\"fraction\":0.5,\"combination\":\"and\"}");
        assertThat(OutlierText.of(report)).doesNotContain("alone");
    }

    @Test
    void kurtosis_isOfTheSitesThatHaveTheVector_eachAsWideAsItIs() {
        SnapshotLayout mixed = new SnapshotLayout(List.of(
                TestSites.output(Stack.ENCODER, 0, 8, true, true), TestSites.output(Stack.ENCODER, 1, 4, true, false)));
        float[] snapshot = mixed.blank();
        for (int d = 0; d < 8; d++) {
            snapshot[d] = d == 0 ? 1 : 0;
            snapshot[mixed.bias(0) + d] = d;
        }
        for (int d = 0; d < 4; d++) {
            snapshot[mixed.weight(1) + d] = d == 3 ? 5 : 1;
        }
        List<Finding> found = WeightDefinitions.of(snapshot, mixed, mixed.outputs());
        // One of n differs: n - 2 + 1 / (n - 1).
        assertThat(found.get(0).perLayer().get("encoder.0")).isCloseTo(6 + 1.0 / 7, within(1e-12));
        assertThat(found.get(0).perLayer().get("encoder.1")).isCloseTo(2 + 1.0 / 3, within(1e-12));
        assertThat(found.get(1).perLayer()).containsOnlyKeys("encoder.0");
    }
}
