package norma.probes.dimensions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A model of two stacks: 2 layers and 4, beside a BERT of 2. */
@Tag("unit")
class StackChoiceTest {
    private static final int WIDTH = 20;
    private static final List<LayerNormSite> TWO = TestSites.ofTwoStacks(2, 4, WIDTH);
    private static final List<LayerNormSite> BERT = TestSites.ofBert(2, WIDTH);

    @Test
    void layersAreCountedInEachStack() {
        assertThat(StackChoice.ALL.depth(TWO)).isEqualTo(4);
        assertThat(StackChoice.ENCODER.depth(TWO)).isEqualTo(2);
        assertThat(StackChoice.DECODER.depth(TWO)).isEqualTo(4);
        assertThat(StackChoice.ALL.depth(BERT)).isEqualTo(2);
    }

    @Test
    void onlySeveralStacksTogether_haveParts() {
        assertThat(StackChoice.ALL.parts(TWO)).containsExactly(StackChoice.ENCODER, StackChoice.DECODER);
        assertThat(StackChoice.DECODER.parts(TWO)).isEmpty();
        assertThat(StackChoice.ALL.parts(BERT)).isEmpty();
        assertThat(StackChoice.ALL.withParts(TWO))
                .containsExactly(StackChoice.ALL, StackChoice.ENCODER, StackChoice.DECODER);
        assertThat(StackChoice.several(TWO)).isTrue();
        assertThat(StackChoice.several(BERT)).isFalse();
    }

    @Test
    void aStackThatTheModelLacks_isRefused() {
        StackChoice.ENCODER.requireIn(BERT);
        StackChoice.ALL.requireIn(BERT);
        assertThatThrownBy(() -> StackChoice.DECODER.requireIn(BERT))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("found decoder, expected encoder or all: all layers are of the encoder");
        List<LayerNormSite> gpt = List.of(TestSites.output(Stack.DECODER, 0, WIDTH, true, true));
        assertThatThrownBy(() -> StackChoice.ENCODER.requireIn(gpt))
                .hasMessageContaining("found encoder, expected decoder or all: all layers are of the decoder");
    }

    @Test
    void kinds_areThoseOfTheSites_notOfTheirNames() {
        LayerNormSite odd = new LayerNormSite(
                "block 3, last",
                Stack.DECODER,
                3,
                LayerNormSite.Kind.OUTPUT,
                WIDTH,
                null,
                norma.trainer.model.Slice.ofVector("b"));
        assertThat(SiteKind.OUTPUT.contains(odd)).isTrue();
        assertThat(SiteKind.ATTENTION.contains(odd)).isFalse();
        SiteChoice attention = new SiteChoice(Set.of(SiteKind.ATTENTION, SiteKind.EMBEDDINGS), StackChoice.DECODER);
        assertThat(TWO.stream().filter(attention::contains).map(LayerNormSite::name))
                .containsExactly(
                        "decoder.embeddings",
                        "decoder.0.attention",
                        "decoder.0.cross_attention",
                        "decoder.1.attention",
                        "decoder.1.cross_attention",
                        "decoder.2.attention",
                        "decoder.2.cross_attention",
                        "decoder.3.attention",
                        "decoder.3.cross_attention");
        SiteChoice all = new SiteChoice(Set.of(SiteKind.values()), StackChoice.ALL);
        assertThat(BERT.stream().filter(all::contains).map(LayerNormSite::name))
                .as("a head's dimensions are others")
                .containsExactly(
                        "embeddings",
                        "layer.0.attention.output",
                        "layer.0.output",
                        "layer.1.attention.output",
                        "layer.1.output");
        assertThat(all.label()).isEqualTo("all");
        assertThat(attention.label()).isEqualTo("attention,embeddings");
    }

    @Test
    void kindsThatTheModelLacks_areRefused_withThoseThatItHas() {
        assertThatThrownBy(() ->
                        new SiteChoice(Set.of(SiteKind.FINAL, SiteKind.FEED_FORWARD), StackChoice.ALL).requireIn(BERT))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("found feed-forward,final, expected a kind that this model has:"
                        + " output, attention, embeddings or all");
    }

    /** Dimension 3 is beyond in both layers of the encoder, dimension 7 in three of four of the decoder. */
    private static float[] snapshot(SnapshotLayout layout) {
        float[] snapshot = new float[layout.length()];
        for (int site : layout.outputs()) {
            LayerNormSite here = layout.site(site);
            boolean encoder = here.stack() == Stack.ENCODER;
            if (encoder || here.layer() > 0) {
                snapshot[layout.weight(site) + (encoder ? 3 : 7)] = 1;
                snapshot[layout.bias(site) + (encoder ? 3 : 7)] = 1;
            }
        }
        return snapshot;
    }

    @Test
    void theRule_overOneStackOrBothTogether() {
        SnapshotLayout layout = new SnapshotLayout(TWO);
        float[] snapshot = snapshot(layout);
        assertThat(new DimensionChoice.Outliers(OutlierRule.PAPER, StackChoice.ENCODER).of(snapshot, layout))
                .containsExactly(3);
        assertThat(new DimensionChoice.Outliers(OutlierRule.PAPER, StackChoice.DECODER).of(snapshot, layout))
                .containsExactly(7);
        assertThat(new DimensionChoice.Outliers(OutlierRule.PAPER, StackChoice.ALL).of(snapshot, layout))
                .as("2 and 3 of 6 layers are not more than half")
                .isEmpty();
        OutlierRule third = new OutlierRule(3, 1.0 / 3, OutlierRule.Combination.AND);
        assertThat(new DimensionChoice.Outliers(third, StackChoice.ALL).of(snapshot, layout))
                .as("2 of 6 is not more than a third, 3 of 6 is")
                .containsExactly(7);
    }

    @Test
    void theMostExtreme_areThoseOfTheStack() {
        SnapshotLayout layout = new SnapshotLayout(TWO);
        float[] snapshot = snapshot(layout);
        assertThat(new DimensionChoice.MostExtreme(1, StackChoice.ENCODER).of(snapshot, layout))
                .containsExactly(3);
        assertThat(new DimensionChoice.MostExtreme(1, StackChoice.ALL).of(snapshot, layout))
                .as("beyond in 3 layers rather than in 2")
                .containsExactly(7);
    }

    @Test
    void theMostExtreme_ofLayersOfTwoWidths_haveNoZBeyondTheNarrower() {
        SnapshotLayout layout = new SnapshotLayout(List.of(
                TestSites.output(Stack.ENCODER, 0, 4, true, false),
                TestSites.output(Stack.ENCODER, 1, 6, false, true)));
        float nan = Float.NaN;
        float[] snapshot = {
            0, 0, 9, 0, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, 1, 1, 1, 1, 1, 4
        };
        // z of weight 2 is sqrt(3) and of the others -1/sqrt(3); of bias 5 sqrt(5), of the others -1/sqrt(5).
        assertThat(new DimensionChoice.MostExtreme(1, StackChoice.ALL).of(snapshot, layout))
                .as("1.73 + 0.45 against 2.24")
                .containsExactly(5);
        assertThat(new DimensionChoice.MostExtreme(2, StackChoice.ALL).of(snapshot, layout))
                .containsExactly(2, 5);
    }

    @Test
    void aRulesSentence_saysWhichStackWhereThereAreTwo() {
        assertThat(RuleDescription.of(OutlierRule.PAPER, TWO, SiteChoice.PAPER).sentence())
                .isEqualTo("weight and bias more than 3.0 standard deviations from their vector's mean,"
                        + " in more than 0.5 of 6 sites of both stacks");
        assertThat(RuleDescription.of(OutlierRule.PAPER, TWO, SiteChoice.PAPER.in(StackChoice.DECODER))
                        .sentence())
                .endsWith("in more than 0.5 of 4 sites of the decoder");
        assertThat(RuleDescription.of(OutlierRule.PAPER, TWO, SiteChoice.PAPER)
                        .json()
                        .toString())
                .isEqualTo("{\"sigma\":3.0,\"fraction\":0.5,\"combination\":\"and\",\"stack\":\"all\"}");
        assertThat(RuleDescription.of(OutlierRule.PAPER, BERT, SiteChoice.PAPER.in(StackChoice.ENCODER)))
                .as("of one stack nothing changes")
                .isEqualTo(RuleDescription.of(OutlierRule.PAPER, BERT, SiteChoice.PAPER));
    }
}
