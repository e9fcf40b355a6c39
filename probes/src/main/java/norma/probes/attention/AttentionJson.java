package norma.probes.attention;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.trainer.run.MetricsLog;

/**
 * Attention as JSON: {@code definitions}, {@code uniform}, {@code full}, {@code ablated}, {@code random}; each of the
 * last three has {@code dimensions}, the {@code mean} over all heads, and {@code layers} with their {@code heads}. What
 * was not measured is missing. Of a model with several kinds of attention {@code uniform} and {@code means} have an
 * entry for each, and a layer says which {@code attention} it is.
 */
public final class AttentionJson {
    private AttentionJson() {}

    /** The result, without its head. */
    public static ObjectNode of(AttentionStudy study) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode definitions = json.putObject("definitions");
        definitions.put("entropy", "-sum p ln p over keys, nats, mean over queries that are no padding");
        definitions.put("shares", "sum of p over the keys of a kind, mean over queries that are no padding");
        definitions.put("uniform", "what both would be if every query attended to all tokens of its sequence alike");
        if (!study.sumsToOne()) {
            definitions.put("clipped", AttentionText.CLIPPED);
        }
        if (study.severalKinds()) {
            ObjectNode uniform = json.putObject("uniform");
            study.uniform().forEach((kind, spread) -> uniform.set(AttentionLayer.label(kind), statistics(spread)));
        } else {
            study.uniform().values().forEach(spread -> json.set("uniform", statistics(spread)));
        }
        json.set("full", attention(List.of(), study.full()));
        if (study.ablated() != null) {
            json.set("ablated", attention(study.contrast().ablated(), study.ablated()));
            ObjectNode random = layers(study.randomMean());
            ArrayNode draws = random.putArray("draws");
            for (int draw = 0; draw < study.random().size(); draw++) {
                ObjectNode one = draws.addObject();
                dimensions(one, study.contrast().random().get(draw));
                one.set("mean", statistics(study.random().get(draw).mean()));
            }
            json.set("random", random);
        }
        return json;
    }

    /**
     * Reads a result again.
     *
     * @throws norma.datasets.base.InvalidInputException naming file and key of what is missing or of another type
     */
    public static AttentionFile read(Path file) {
        JsonObject json = JsonFile.read(file, "what norma attention keeps");
        JsonObject uniform = json.object("uniform");
        Map<String, HeadStatistics> spread = new LinkedHashMap<>();
        if (uniform.node().has("entropy")) {
            spread.put("", readStatistics(uniform));
        } else {
            uniform.objectsByKey().forEach((kind, one) -> spread.put(kind, readStatistics(one)));
        }
        List<AttentionFile.Draw> draws = new ArrayList<>();
        if (json.has("random")) {
            json.object("random")
                    .objects("draws")
                    .forEach(draw -> draws.add(
                            new AttentionFile.Draw(draw.counts("dimensions"), readStatistics(draw.object("mean")))));
        }
        return new AttentionFile(
                json.textIfAny("command"),
                json.textIfAny("model"),
                json.wholeNumberIfAny("step", 0),
                spread,
                readVariant(json.object("full")),
                json.has("ablated") ? Optional.of(readVariant(json.object("ablated"))) : Optional.empty(),
                json.has("random") ? Optional.of(readVariant(json.object("random"))) : Optional.empty(),
                draws);
    }

    private static AttentionFile.Variant readVariant(JsonObject json) {
        List<AttentionFile.Layer> layers = new ArrayList<>();
        for (JsonObject layer : json.objects("layers")) {
            layers.add(new AttentionFile.Layer(
                    layer.textIfAny("attention"),
                    layer.has("layer") ? layer.count("layer", 0) : layers.size(),
                    readStatistics(layer.object("mean")),
                    layer.objects("heads").stream()
                            .map(AttentionJson::readStatistics)
                            .toList()));
        }
        return new AttentionFile.Variant(
                json.has("dimensions") ? json.counts("dimensions") : List.of(),
                readStatistics(json.object("mean")),
                layers);
    }

    private static HeadStatistics readStatistics(JsonObject json) {
        JsonObject shares = json.object("shares");
        Map<TokenKind, Double> ofKinds = new EnumMap<>(TokenKind.class);
        for (TokenKind kind : TokenKind.values()) {
            ofKinds.put(kind, shares.writtenNumber(kind.key()));
        }
        return new HeadStatistics(json.writtenNumber("entropy"), ofKinds);
    }

    private static ObjectNode attention(List<Integer> dimensions, AttentionStatistics attention) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        dimensions(json, dimensions);
        json.setAll(layers(attention));
        return json;
    }

    private static void dimensions(ObjectNode json, List<Integer> dimensions) {
        ArrayNode numbers = json.putArray("dimensions");
        dimensions.forEach(numbers::add);
    }

    private static ObjectNode layers(AttentionStatistics attention) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("mean", statistics(attention.mean()));
        boolean several = attention.kinds().size() > 1;
        if (several) {
            ObjectNode means = json.putObject("means");
            attention.kinds().forEach(kind -> means.set(AttentionLayer.label(kind), statistics(attention.mean(kind))));
        }
        ArrayNode layers = json.putArray("layers");
        for (int layer = 0; layer < attention.layers().size(); layer++) {
            ObjectNode one = layers.addObject();
            if (several) {
                AttentionLayer place = attention.places().get(layer);
                one.put("attention", AttentionLayer.label(place.kind()));
                one.put("layer", place.layer());
            }
            one.set("mean", statistics(attention.layerMean(layer)));
            ArrayNode heads = one.putArray("heads");
            attention.layers().get(layer).forEach(head -> heads.add(statistics(head)));
        }
        return json;
    }

    private static ObjectNode statistics(HeadStatistics statistics) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        MetricsLog.put(json, "entropy", statistics.entropy());
        ObjectNode shares = json.putObject("shares");
        for (TokenKind kind : TokenKind.values()) {
            MetricsLog.put(shares, kind.key(), statistics.share(kind));
        }
        return json;
    }
}
