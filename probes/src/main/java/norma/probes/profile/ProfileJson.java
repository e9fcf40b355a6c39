package norma.probes.profile;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import norma.probes.attention.TokenKind;
import norma.probes.profile.DimensionProfiles.Respect;
import norma.trainer.run.MetricsLog;

/** Profiles as JSON. */
public final class ProfileJson {
    private ProfileJson() {}

    /** An object for each dimension, by position. */
    public static ArrayNode of(DimensionProfiles profiles) {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        profiles.all().forEach(profile -> json.add(of(profiles, profile)));
        return json;
    }

    private static ObjectNode of(DimensionProfiles profiles, DimensionProfile profile) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("dimension", profile.dimension());
        MetricsLog.put(json, "weight_z", profile.shape().weightZ());
        MetricsLog.put(json, "bias_z", profile.shape().biasZ());
        json.put("layers_beyond_3_sigma", profile.shape().layersBeyond());
        MetricsLog.put(json, "mean_z", profile.shape().meanZ());
        MetricsLog.put(json, "largest_activation", profile.activation().largest());
        json.put("largest_activation_site", profile.activation().site());
        ObjectNode means = json.putObject("mean_activation_there");
        for (TokenKind kind : TokenKind.values()) {
            if (profile.byKind().containsKey(kind)) {
                MetricsLog.put(means, kind.key(), profile.byKind().get(kind));
            }
        }
        MetricsLog.put(json, "norm_share", profile.activation().normShare());
        MetricsLog.put(json, "kurtosis", profile.activation().kurtosis());
        MetricsLog.put(json, "cost", profile.cost());
        ObjectNode ranks = json.putObject("ranks");
        for (Respect respect : Respect.values()) {
            ranks.put(respect.label(), profiles.rank(respect, profile));
        }
        return json;
    }
}
