package norma.trainer.layernorm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonObject;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;

/** A recording's attributes: what its sites are, and how often a step was recorded. */
final class SiteAttributes {
    private static final String CONSTANTS = "constants";

    private SiteAttributes() {}

    /**
     * {@code description}, {@code every} and {@code sites}: name, stack, layer, kind, width, weight and bias of each,
     * null where it has none, and what stands in place of a weight, if anything does. What is said of the run follows.
     */
    static ObjectNode write(List<LayerNormSite> sites, int every, Map<String, String> run) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("description", "LayerNorm weight and bias of every site; step 0 is the state before any update");
        node.put("every", every);
        var list = node.putArray("sites");
        for (LayerNormSite site : sites) {
            ObjectNode described = list.addObject()
                    .put("name", site.name())
                    .put("stack", word(site.stack()))
                    .put("layer", site.layer())
                    .put("kind", word(site.kind()))
                    .put("width", site.width());
            put(described, "weight", site.weight());
            put(described, "bias", site.bias());
            if (site.constants() != null) {
                put(described, CONSTANTS, site.constants());
            }
        }
        new TreeMap<>(run).forEach(node::put);
        return node;
    }

    /** The same attributes, with what is said of the run replaced. */
    static ObjectNode describe(JsonObject attributes, Map<String, String> run) {
        ObjectNode node = attributes.node().deepCopy();
        new TreeMap<>(run).forEach(node::put);
        return node;
    }

    private static void put(ObjectNode site, String key, Slice slice) {
        if (slice == null) {
            site.putNull(key);
        } else {
            site.putObject(key).put("parameter", slice.parameter()).put("axis", slice.axis());
        }
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /**
     * The sites of a recording.
     *
     * @param attributes of the recording
     * @param hidden last axis of its arrays
     * @throws InvalidInputException if there is none, or one cannot be read
     */
    static List<LayerNormSite> read(JsonObject attributes, int hidden) {
        List<LayerNormSite> sites = new ArrayList<>();
        for (JsonObject site : attributes.objects("sites")) {
            try {
                sites.add(site.has("kind") ? site(site) : ofFirstRecordings(site, hidden));
            } catch (IllegalArgumentException e) {
                throw attributes.wrong(
                        "sites", site.node(), "a site with name, stack, layer, kind, width, weight and bias");
            }
        }
        if (sites.isEmpty()) {
            throw attributes.wrong("sites", "none", "at least one site");
        }
        return sites;
    }

    private static LayerNormSite site(JsonObject json) {
        return new LayerNormSite(
                json.text("name"),
                LayerNormSite.Stack.valueOf(json.text("stack").toUpperCase(Locale.ROOT)),
                json.count("layer", LayerNormSite.NO_LAYER),
                LayerNormSite.Kind.valueOf(json.text("kind").toUpperCase(Locale.ROOT)),
                json.count("width", 1),
                slice(json, "weight"),
                slice(json, "bias"),
                slice(json, CONSTANTS));
    }

    private static Slice slice(JsonObject site, String key) {
        if (!site.has(key)) {
            return null;
        }
        JsonObject slice = site.object(key);
        return new Slice(slice.text("parameter"), slice.count("axis", 0));
    }

    /** The first recordings, all of them of BERT, gave only the names of sites and of their vectors. */
    private static LayerNormSite ofFirstRecordings(JsonObject json, int hidden) {
        String name = json.text("name");
        String[] words = name.split("\\.", -1);
        boolean inLayer = words[0].equals("layer") && words.length > 2;
        LayerNormSite.Kind kind = name.equals("head") ? LayerNormSite.Kind.HEAD : LayerNormSite.Kind.EMBEDDINGS;
        if (inLayer) {
            kind = words[2].equals("attention") ? LayerNormSite.Kind.ATTENTION : LayerNormSite.Kind.OUTPUT;
        }
        return new LayerNormSite(
                name,
                LayerNormSite.Stack.ENCODER,
                inLayer ? Integer.parseInt(words[1]) : LayerNormSite.NO_LAYER,
                kind,
                hidden,
                Slice.ofVector(json.text("weight")),
                Slice.ofVector(json.text("bias")));
    }
}
