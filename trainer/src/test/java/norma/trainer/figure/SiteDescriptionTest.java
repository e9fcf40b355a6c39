package norma.trainer.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.Slice;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class SiteDescriptionTest {
    @Test
    void whatEndsALayerIsNamedWhatItIs() {
        SiteDescription bert = description(1, "layer.%d.output", "bert.encoder.layer.%d.output.LayerNorm.weight", 0);
        assertThat(bert.heading(Part.WEIGHT)).isEqualTo("LayerNorm weights");
        assertThat(bert.heading(Part.BIAS)).isEqualTo("LayerNorm biases");
        assertThat(bert.axis(Part.WEIGHT)).isEqualTo("weight");
        SiteDescription gpt2 = description(1, "h.%d.mlp.c_proj", "transformer.h.%d.mlp.c_proj.weight", 1);
        assertThat(gpt2.heading(Part.WEIGHT)).isEqualTo("Column norms of the matrix");
        assertThat(gpt2.heading(Part.BIAS)).isEqualTo("Biases of the matrix");
        assertThat(gpt2.axis(Part.WEIGHT)).isEqualTo("column norm");
        SiteDescription preNorm = description(1, "layer.%d.output", "bert.encoder.layer.%d.output.dense.weight", 0);
        assertThat(preNorm.heading(Part.WEIGHT)).isEqualTo("Row norms of the matrix");
        assertThat(description(1, "h.%d.x", "transformer.h.%d.ln_2.weight", 0).heading(Part.WEIGHT))
                .isEqualTo("LayerNorm weights");
    }

    @Test
    void onlyAnOddNumberOfLayersHasAMiddleOne() {
        String name = "layer.%d.output";
        String parameter = "layer.%d.LayerNorm.weight";
        assertThat(description(1, name, parameter, 0).sentence()).contains("ends layer 0, the only one;");
        assertThat(description(2, name, parameter, 0).sentence()).contains("ends layer 1, one of layers 0 to 1;");
        assertThat(description(3, name, parameter, 0).sentence())
                .isEqualTo(
                        "layer.1.output: the LayerNorm that ends layer 1, the middle one of layers 0 to 2; a line for"
                                + " each of its 8 dimensions");
    }

    private static SiteDescription description(int layers, String name, String parameter, int axis) {
        List<LayerNormSite> sites = IntStream.range(0, layers)
                .mapToObj(layer -> new LayerNormSite(
                        String.format(name, layer),
                        Stack.ENCODER,
                        layer,
                        Kind.OUTPUT,
                        8,
                        new Slice(String.format(parameter, layer), axis),
                        Slice.ofVector(String.format(parameter, layer).replace("weight", "bias"))))
                .toList();
        return new SiteDescription(new SnapshotLayout(sites), layers / 2);
    }
}
