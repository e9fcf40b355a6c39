package norma.probes.outliers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import norma.probes.dimensions.RuleDescription;
import norma.probes.dimensions.SiteChoice;
import norma.probes.dimensions.StackChoice;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class StackOutliersTest {
    private static final SnapshotLayout LAYOUT = new SnapshotLayout(TestSites.ofTwoStacks(2, 3, 20));

    /** Dimension 3 is beyond in the encoder's two layers and in one of the decoder's three. */
    private static OutlierReport report(StackChoice stack) {
        float[] snapshot = new float[LAYOUT.length()];
        for (int site : LAYOUT.outputs()) {
            boolean beyond = LAYOUT.site(site).stack() == Stack.ENCODER
                    || LAYOUT.site(site).layer() == 1;
            snapshot[LAYOUT.weight(site) + 3] = beyond ? 1 : 0;
            snapshot[LAYOUT.bias(site) + 3] = beyond ? 1 : 0;
        }
        SiteChoice choice = SiteChoice.PAPER.in(stack);
        return new OutlierReport(
                RuleDescription.of(OutlierRule.PAPER, LAYOUT.sites(), choice),
                OutlierRule.PAPER.apply(snapshot, LAYOUT, choice::contains),
                StackOutliers.of(OutlierRule.PAPER, snapshot, LAYOUT, choice),
                SiteStatistics.of(snapshot, LAYOUT),
                List.of(),
                List.of(3),
                List.of(),
                0,
                new HiddenStates(List.of()));
    }

    @Test
    void bothTogetherAreTheHeadline_andEachStackHasItsOwn() {
        OutlierReport report = report(StackChoice.ALL);
        assertThat(report.of()).isEqualTo(5);
        assertThat(report.dimensions()).singleElement().satisfies(found -> assertThat(found.sites())
                .containsExactly("encoder.0", "encoder.1", "decoder.1"));
        assertThat(report.stacks())
                .extracting(StackOutliers::stack, StackOutliers::of, stack -> stack.dimensions()
                        .size())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(StackChoice.ENCODER, 2, 1),
                        org.assertj.core.groups.Tuple.tuple(StackChoice.DECODER, 3, 0));
        assertThat(OutlierText.of(report))
                .contains("in more than 0.5 of 5 sites of both stacks:\n  dimension 3   3 of 5 ")
                .contains("in more than 0.5 of 2 sites of the encoder:\n  dimension 3   2 of 2 ")
                .contains("in more than 0.5 of 3 sites of the decoder:\n  no dimension\n");
        ObjectNode json = OutlierJson.of(report);
        assertThat(json.at("/rule/stack").asText()).isEqualTo("all");
        assertThat(json.at("/dimensions/0/of").asInt()).isEqualTo(5);
        assertThat(json.at("/stacks/0/stack").asText()).isEqualTo("encoder");
        assertThat(json.at("/stacks/0/dimensions/0/of").asInt()).isEqualTo(2);
        assertThat(json.at("/stacks/1/dimensions")).isEmpty();
    }

    @Test
    void oneStackAlone_isTheHeadline() {
        OutlierReport report = report(StackChoice.DECODER);
        assertThat(report.of()).isEqualTo(3);
        assertThat(report.dimensions()).isEmpty();
        assertThat(report.stacks()).isEmpty();
        assertThat(OutlierJson.of(report).has("stacks")).isFalse();
        assertThat(OutlierJson.of(report).at("/rule/stack").asText()).isEqualTo("decoder");
    }
}
