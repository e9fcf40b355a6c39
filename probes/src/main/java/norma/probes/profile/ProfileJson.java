package norma.probes.profile;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.probes.attention.TokenKind;
import norma.probes.outliers.DimensionActivation;
import norma.probes.profile.DimensionProfiles.Respect;
import norma.trainer.run.MetricsLog;

/** Profiles as JSON. */
public final class ProfileJson {
    /** Its key in {@code ablation-each.json}. */
    public static final String KEY = "profiles";

    private ProfileJson() {}

    /** An object for each dimension, by position. */
    public static ArrayNode of(DimensionProfiles profiles) {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        profiles.all().forEach(profile -> json.add(of(profiles, profile)));
        return json;
    }

    /**
     * Reads again the profiles in {@code ablation-each.json}.
     *
     * @return by position; none in a file of before there were profiles
     * @throws norma.datasets.base.InvalidInputException naming file and key of what is missing or of another type
     */
    public static List<DimensionProfile> read(Path file) {
        return JsonFile.read(file, "what a scan of single dimensions keeps").objectsIfAny(KEY).stream()
                .map(ProfileJson::profile)
                .toList();
    }

    private static DimensionProfile profile(JsonObject json) {
        JsonObject means = json.object("mean_activation_there");
        Map<TokenKind, Double> byKind = new EnumMap<>(TokenKind.class);
        for (TokenKind kind : TokenKind.values()) {
            if (means.has(kind.key())) {
                byKind.put(kind, means.number(kind.key()));
            }
        }
        return new DimensionProfile(
                json.count("dimension", 0),
                new DimensionProfile.Shape(
                        json.writtenNumber("weight_z"),
                        json.writtenNumber("bias_z"),
                        json.count("layers_beyond_3_sigma", 0),
                        json.writtenNumber("mean_z")),
                new DimensionActivation(
                        json.writtenNumber("largest_activation"),
                        json.text("largest_activation_site"),
                        json.writtenNumber("norm_share"),
                        json.writtenNumber("kurtosis")),
                byKind,
                json.writtenNumber("cost"));
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
