package norma.probes.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.probes.dimensions.SiteChoice;
import norma.probes.dimensions.StackChoice;
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

    private static AblationPlace place(String sites, StackChoice stack, String layers, String parts) {
        return AblationPlace.parse(SiteChoice.parse(sites, stack), layers, parts, "zero");
    }

    private static List<String> edited(AblationPlace place, List<LayerNormSite> model) {
        return place.edited(model).stream().map(site -> model.get(site).name()).toList();
    }

    @Test
    void ofBert_layersAndKindsAreChosen() {
        assertThat(edited(AblationPlace.PAPER, BERT))
                .containsExactly("layer.0.output", "layer.1.output", "layer.2.output");
        assertThat(edited(place("attention", StackChoice.ALL, "0,2", "bias"), BERT))
                .containsExactly("layer.0.attention.output", "layer.2.attention.output");
        assertThat(edited(place("all", StackChoice.ENCODER, "1-", "weight"), BERT))
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
        assertThat(edited(place("output", StackChoice.ALL, "0", "weight"), TWO))
                .containsExactly("encoder.0", "decoder.0");
        assertThat(edited(place("output", StackChoice.ALL, "0-1", "weight"), TWO))
                .containsExactly("encoder.0", "decoder.0", "decoder.1");
        assertThat(edited(place("attention", StackChoice.DECODER, "2", "weight"), TWO))
                .containsExactly("decoder.2.attention", "decoder.2.cross_attention");
        assertThatThrownBy(() ->
                        place("output", StackChoice.ENCODER, "1", "weight").edited(TWO))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("found 1, expected layers 0 to 0 of this model");
        assertThatThrownBy(() -> place("output", StackChoice.ALL, "3", "weight").edited(TWO))
                .hasMessageContaining("found 3, expected layers 0 to 2 of this model");
        assertThatThrownBy(() ->
                        place("output", StackChoice.DECODER, "all", "weight").edited(BERT))
                .hasMessageContaining("found decoder, expected encoder or all");
    }

    @Test
    void theDescription_namesTheStack_onlyWhereThereAreTwo() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        place("output", StackChoice.DECODER, "1-2", "bias").describe(json, TWO);
        assertThat(json)
                .hasToString("{\"sites\":\"output\",\"stack\":\"decoder\",\"layers\":[1,2],\"parts\":[\"bias\"],"
                        + "\"value\":\"zero\"}");
        json.removeAll();
        place("output", StackChoice.ENCODER, "all", "bias").describe(json, BERT);
        assertThat(json)
                .hasToString("{\"sites\":\"output\",\"layers\":[0,1,2],\"parts\":[\"bias\"]," + "\"value\":\"zero\"}");
    }

    @Test
    void aSiteThatLacksThePart_isNotEdited_andIfNoneHasItThePlaceIsRefused() {
        List<LayerNormSite> mixed = List.of(
                TestSites.output(Stack.ENCODER, 0, 6, true, false), TestSites.output(Stack.ENCODER, 1, 9, false, true));
        assertThat(edited(place("output", StackChoice.ALL, "all", "bias"), mixed))
                .containsExactly("encoder.1");
        assertThat(edited(place("output", StackChoice.ALL, "all", "weight,bias"), mixed))
                .containsExactly("encoder.0", "encoder.1");
        assertThat(place("output", StackChoice.ALL, "all", "weight").width(mixed))
                .isEqualTo(6);
        assertThat(AblationPlace.PAPER.width(mixed)).isEqualTo(9);
        assertThatThrownBy(() -> place("output", StackChoice.ALL, "0", "bias").edited(mixed))
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
        assertThatThrownBy(() ->
                        new Ablation(List.of(8), place("output", StackChoice.ALL, "0", "weight")).requireFits(mixed))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("found 8, expected dimensions from 0 to 5");
    }
}
