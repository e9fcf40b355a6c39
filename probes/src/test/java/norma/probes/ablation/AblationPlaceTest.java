package norma.probes.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.probes.dimensions.LayerRange;
import norma.probes.dimensions.SiteChoice;
import norma.probes.dimensions.SiteKind;
import norma.probes.dimensions.StackChoice;
import norma.trainer.layernorm.Part;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which sites of a model an ablation edits. */
@Tag("unit")
class AblationPlaceTest {
    private static final List<LayerNormSite> BERT = TestSites.ofBert(3, 8);
    private static final List<LayerNormSite> TWO = TestSites.ofTwoStacks(1, 3, 8);

    private static final Set<SiteKind> ALL_KINDS = Set.of(SiteKind.values());

    private static AblationPlace place(Set<SiteKind> kinds, StackChoice stack, LayerRange layers, Part... parts) {
        return new AblationPlace(new SiteChoice(kinds, stack), layers, Set.of(parts), Replacement.ZERO);
    }

    private static List<String> edited(AblationPlace place, List<LayerNormSite> model) {
        return place.edited(model).stream().map(site -> model.get(site).name()).toList();
    }

    @Test
    void ofBert_layersAndKindsAreChosen() {
        assertThat(edited(AblationPlace.PAPER, BERT))
                .containsExactly("layer.0.output", "layer.1.output", "layer.2.output");
        assertThat(edited(
                        place(
                                Set.of(SiteKind.ATTENTION),
                                StackChoice.ALL,
                                new LayerRange(List.of(new LayerRange.Span(0, 0), new LayerRange.Span(2, 2))),
                                Part.BIAS),
                        BERT))
                .containsExactly("layer.0.attention.output", "layer.2.attention.output");
        assertThat(edited(place(ALL_KINDS, StackChoice.ENCODER, LayerRange.from(1), Part.WEIGHT), BERT))
                .as("embeddings are in no layer, and so not left out by layers")
                .containsExactly(
                        "embeddings",
                        "layer.1.attention.output",
                        "layer.1.output",
                        "layer.2.attention.output",
                        "layer.2.output");
    }

    @Test
    void ofTwoStacks_layersAreCountedInEach() {
        assertThat(edited(
                        place(
                                Set.of(SiteKind.OUTPUT),
                                StackChoice.ALL,
                                new LayerRange(List.of(new LayerRange.Span(0, 0))),
                                Part.WEIGHT),
                        TWO))
                .containsExactly("encoder.0", "decoder.0");
        assertThat(edited(
                        place(
                                Set.of(SiteKind.OUTPUT),
                                StackChoice.ALL,
                                new LayerRange(List.of(new LayerRange.Span(0, 1))),
                                Part.WEIGHT),
                        TWO))
                .containsExactly("encoder.0", "decoder.0", "decoder.1");
        assertThat(edited(
                        place(
                                Set.of(SiteKind.ATTENTION),
                                StackChoice.DECODER,
                                new LayerRange(List.of(new LayerRange.Span(2, 2))),
                                Part.WEIGHT),
                        TWO))
                .containsExactly("decoder.2.attention", "decoder.2.cross_attention");
        assertThatThrownBy(() -> place(
                                Set.of(SiteKind.OUTPUT),
                                StackChoice.ENCODER,
                                new LayerRange(List.of(new LayerRange.Span(1, 1))),
                                Part.WEIGHT)
                        .edited(TWO))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("found 1, expected layers 0 to 0 of this model");
        assertThatThrownBy(() -> place(
                                Set.of(SiteKind.OUTPUT),
                                StackChoice.ALL,
                                new LayerRange(List.of(new LayerRange.Span(3, 3))),
                                Part.WEIGHT)
                        .edited(TWO))
                .hasMessageContaining("found 3, expected layers 0 to 2 of this model");
        assertThatThrownBy(() -> place(Set.of(SiteKind.OUTPUT), StackChoice.DECODER, LayerRange.ALL, Part.WEIGHT)
                        .edited(BERT))
                .hasMessageContaining("found decoder, expected encoder or all");
    }

    @Test
    void theDescription_namesTheStack_onlyWhereThereAreTwo() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        place(
                        Set.of(SiteKind.OUTPUT),
                        StackChoice.DECODER,
                        new LayerRange(List.of(new LayerRange.Span(1, 2))),
                        Part.BIAS)
                .describe(json, TWO);
        assertThat(json)
                .hasToString("{\"sites\":\"output\",\"stack\":\"decoder\",\"layers\":[1,2],\"parts\":[\"bias\"],"
                        + "\"value\":\"zero\"}");
        json.removeAll();
        place(Set.of(SiteKind.OUTPUT), StackChoice.ENCODER, LayerRange.ALL, Part.BIAS)
                .describe(json, BERT);
        assertThat(json)
                .hasToString("{\"sites\":\"output\",\"layers\":[0,1,2],\"parts\":[\"bias\"]," + "\"value\":\"zero\"}");
    }

    @Test
    void aSiteThatLacksThePart_isNotEdited_andIfNoneHasItThePlaceIsRefused() {
        List<LayerNormSite> mixed = List.of(
                TestSites.output(Stack.ENCODER, 0, 6, true, false), TestSites.output(Stack.ENCODER, 1, 9, false, true));
        assertThat(edited(place(Set.of(SiteKind.OUTPUT), StackChoice.ALL, LayerRange.ALL, Part.BIAS), mixed))
                .containsExactly("encoder.1");
        assertThat(edited(
                        place(Set.of(SiteKind.OUTPUT), StackChoice.ALL, LayerRange.ALL, Part.WEIGHT, Part.BIAS), mixed))
                .containsExactly("encoder.0", "encoder.1");
        assertThat(place(Set.of(SiteKind.OUTPUT), StackChoice.ALL, LayerRange.ALL, Part.WEIGHT)
                        .width(mixed))
                .isEqualTo(6);
        assertThat(AblationPlace.PAPER.width(mixed)).isEqualTo(9);
        assertThatThrownBy(() -> place(
                                Set.of(SiteKind.OUTPUT),
                                StackChoice.ALL,
                                new LayerRange(List.of(new LayerRange.Span(0, 0))),
                                Part.BIAS)
                        .edited(mixed))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("found bias, expected a part that one of these sites has, encoder.0");
    }

    @Test
    void aDimensionThatNoEditedSiteHas_isRefused() {
        List<LayerNormSite> mixed = List.of(
                TestSites.output(Stack.ENCODER, 0, 6, true, true), TestSites.output(Stack.ENCODER, 1, 9, true, true));
        Ablation both = new Ablation(List.of(8), AblationPlace.PAPER);
        both.requireFits(mixed);
        assertThat(both.marked(6)).containsOnly(false).hasSize(6);
        assertThat(both.marked(9)[8]).isTrue();
        assertThatThrownBy(() -> new Ablation(
                                List.of(8),
                                place(
                                        Set.of(SiteKind.OUTPUT),
                                        StackChoice.ALL,
                                        new LayerRange(List.of(new LayerRange.Span(0, 0))),
                                        Part.WEIGHT))
                        .requireFits(mixed))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("found 8, expected dimensions from 0 to 5");
    }
}
