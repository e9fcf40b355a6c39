package norma.trainer.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import norma.datasets.base.NearestKey;
import norma.trainer.architectures.Architectures;
import norma.trainer.model.Architecture;
import norma.trainer.model.ModelConfig;

/**
 * Every key that a run's configuration can have, read off the records that it is mapped to: types and defaults are
 * theirs, the meanings their Javadoc's ({@link ConfigMeanings}).
 */
public final class ConfigReference {
    /** Records that are written as one value. */
    private static final Map<Class<?>, String> SINGLE = Map.of(
            MicroBatchSize.class, "whole number, or auto",
            KeptCheckpoints.class, "whole number, or all");

    /** What has to be said for a key to have a default: the keys of one type of optimiser or attention. */
    private static final List<String> CHOICES = List.of(
            "optimizer.type=sgd",
            "optimizer.type=rotated-adamw",
            "model.variant.attention.type=softmax",
            "model.variant.attention.type=clipped-softmax",
            "model.variant.attention.type=gated");

    private static final String MODEL = "model";

    private ConfigReference() {}

    /**
     * Keys that belong together.
     *
     * @param name of the group; empty for the keys outside of all groups
     * @param modelType the architecture whose {@code model} group this is; empty for other groups
     * @param record what the group is mapped to
     * @param meaning what the group decides, with its source
     * @param keys in the record's order
     */
    public record Group(String name, String modelType, Class<?> record, String meaning, List<ConfigKey> keys) {}

    /** All groups in the order of the configuration, the model's once for each architecture. */
    public static List<Group> groups() {
        List<Group> groups = new ArrayList<>();
        JsonNode defaults = RunConfigYaml.tree(RunConfigYaml.parse("seed: 1", "defaults", List.of()));
        add(groups, RunConfig.class, "", "", defaults);
        return groups;
    }

    /** The keys with a name, or with it as last word, of whatever group; or all of a group of that name. */
    public static List<ConfigKey> named(String name) {
        List<ConfigKey> exact =
                keys(key -> key.name().equals(name) || key.leaf().equals(name));
        return exact.isEmpty() ? keys(key -> key.name().startsWith(name + ".")) : exact;
    }

    /** A key of any group that a word was probably meant to be. */
    public static Optional<String> nearest(String word) {
        String leaf = word.substring(word.lastIndexOf('.') + 1);
        List<String> same = keys(key -> key.leaf().equals(leaf)).stream()
                .map(ConfigKey::name)
                .distinct()
                .toList();
        if (!same.isEmpty()) {
            return Optional.of(same.get(0));
        }
        Map<String, String> leaves = new LinkedHashMap<>();
        keys(key -> true).forEach(key -> leaves.putIfAbsent(key.leaf(), key.name()));
        return NearestKey.of(leaf, leaves.keySet()).map(leaves::get);
    }

    private static List<ConfigKey> keys(Predicate<ConfigKey> wanted) {
        return groups().stream()
                .flatMap(group -> group.keys().stream())
                .filter(wanted)
                .distinct()
                .toList();
    }

    private static void add(List<Group> groups, Class<?> record, String name, String modelType, JsonNode defaults) {
        List<ConfigKey> keys = new ArrayList<>();
        int place = groups.size();
        if (!modelType.isEmpty() && name.equals(MODEL)) {
            keys.add(new ConfigKey(
                    "model.model_type",
                    "text",
                    modelType.equals(Architectures.standard().modelType()) ? modelType : "",
                    "architecture, by Hugging Face's name: "
                            + Architectures.ALL.stream()
                                    .map(Architecture::modelType)
                                    .collect(Collectors.joining("`, `", "`", "`"))));
        }
        for (RecordComponent component : record.getRecordComponents()) {
            String key = ConfigMeanings.key(component.getName());
            String full = YamlSource.join(name, key);
            Class<?> type = component.getType();
            if (type == ModelConfig.class) {
                for (Architecture architecture : Architectures.ALL) {
                    add(groups, architecture.configClass(), MODEL, architecture.modelType(), model(architecture));
                }
            } else if (type.isRecord() && !SINGLE.containsKey(type)) {
                add(groups, type, full, modelType, defaults.path(key));
            } else {
                keys.add(new ConfigKey(
                        full,
                        type(component),
                        value(full, defaults.path(key), modelType),
                        ConfigMeanings.of(record, key)));
            }
        }
        if (!keys.isEmpty()) {
            groups.add(place, new Group(name, modelType, record, ConfigMeanings.of(record), keys));
        }
    }

    private static JsonNode model(Architecture architecture) {
        return RunConfigYaml.tree(RunConfigYaml.defaults(architecture.configClass()));
    }

    /** The default; where only a type of its group has the key, with that type. */
    private static String value(String key, JsonNode found, String modelType) {
        if (!found.isMissingNode()) {
            return found.isValueNode() ? found.asText() : found.toString().replace("\"", "");
        }
        if (!modelType.isEmpty() && !modelType.equals(Architectures.standard().modelType())) {
            return "";
        }
        for (String choice : CHOICES) {
            if (key.startsWith(choice.substring(0, choice.indexOf("type=")))) {
                JsonNode other = RunConfigYaml.tree(RunConfigYaml.parse("seed: 1", "defaults", List.of(choice)))
                        .at("/" + key.replace('.', '/'));
                if (!(other instanceof MissingNode)) {
                    String of = choice.substring(choice.indexOf('=') + 1);
                    return key.endsWith(".type") ? of : other.asText() + " (type " + of + ")";
                }
            }
        }
        return "";
    }

    private static String type(RecordComponent component) {
        Class<?> type = component.getType();
        if (SINGLE.containsKey(type)) {
            return SINGLE.get(type);
        } else if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(RunConfigYaml::text)
                    .collect(Collectors.joining(", "));
        } else if (type == List.class) {
            return component.getGenericType().getTypeName().contains("Long")
                    ? "list of whole numbers"
                    : "list of texts";
        } else if (Set.of(Integer.class, Long.class).contains(type)) {
            return "whole number";
        } else if (type == Double.class) {
            return "number";
        } else if (type == Boolean.class) {
            return "true or false";
        }
        return "text";
    }

    /** The records that the groups are mapped to, each once. */
    static Stream<Class<?>> records() {
        return groups().stream().<Class<?>>map(Group::record).distinct();
    }
}
