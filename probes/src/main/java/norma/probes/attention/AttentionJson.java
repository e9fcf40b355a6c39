package norma.probes.attention;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
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
