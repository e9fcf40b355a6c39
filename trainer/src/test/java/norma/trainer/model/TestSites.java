package norma.trainer.model;

import java.util.ArrayList;
import java.util.List;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;

/** LayerNorm sites for tests. */
public final class TestSites {
    private TestSites() {}

    /** A site of a BERT, whose stack, layer and kind follow from its name. */
    public static LayerNormSite bert(String name, int width) {
        String[] parts = name.split("\\.", -1);
        boolean inLayer = parts[0].equals("layer");
        Kind kind = name.endsWith(".attention.output") ? Kind.ATTENTION : inLayer ? Kind.OUTPUT : outside(name);
        return new LayerNormSite(
                name,
                Stack.ENCODER,
                inLayer ? Integer.parseInt(parts[1]) : LayerNormSite.NO_LAYER,
                kind,
                width,
                Slice.ofVector(name + ".LayerNorm.weight"),
                Slice.ofVector(name + ".LayerNorm.bias"));
    }

    private static Kind outside(String name) {
        return name.equals("head") ? Kind.HEAD : Kind.EMBEDDINGS;
    }

    /** The output of a layer, with a weight, a bias, or both. */
    public static LayerNormSite output(Stack stack, int layer, int width, boolean weight, boolean bias) {
        String name = (stack == Stack.ENCODER ? "encoder." : "decoder.") + layer;
        return new LayerNormSite(
                name,
                stack,
                layer,
                Kind.OUTPUT,
                width,
                weight ? Slice.ofVector(name + ".LayerNorm.weight") : null,
                bias ? Slice.ofVector(name + ".LayerNorm.bias") : null);
    }

    /** As a BART's: two embeddings, layers of an encoder and of a decoder, which also has cross-attention. */
    public static List<LayerNormSite> ofTwoStacks(int encoderLayers, int decoderLayers, int width) {
        List<LayerNormSite> sites = new ArrayList<>();
        for (Stack stack : Stack.values()) {
            String prefix = stack == Stack.ENCODER ? "encoder." : "decoder.";
            sites.add(site(prefix + "embeddings", stack, LayerNormSite.NO_LAYER, Kind.EMBEDDINGS, width));
            for (int layer = 0; layer < (stack == Stack.ENCODER ? encoderLayers : decoderLayers); layer++) {
                sites.add(site(prefix + layer + ".attention", stack, layer, Kind.ATTENTION, width));
                if (stack == Stack.DECODER) {
                    sites.add(site(prefix + layer + ".cross_attention", stack, layer, Kind.CROSS_ATTENTION, width));
                }
                sites.add(output(stack, layer, width, true, true));
            }
        }
        return sites;
    }

    private static LayerNormSite site(String name, Stack stack, int layer, Kind kind, int width) {
        return new LayerNormSite(
                name,
                stack,
                layer,
                kind,
                width,
                Slice.ofVector(name + ".LayerNorm.weight"),
                Slice.ofVector(name + ".LayerNorm.bias"));
    }

    /** The sites of a BERT of so many layers: 2 L + 2. */
    public static List<LayerNormSite> ofBert(int layers, int width) {
        List<LayerNormSite> sites = new ArrayList<>();
        sites.add(bert("embeddings", width));
        for (int layer = 0; layer < layers; layer++) {
            sites.add(bert("layer." + layer + ".attention.output", width));
            sites.add(bert("layer." + layer + ".output", width));
        }
        sites.add(bert("head", width));
        return sites;
    }
}
