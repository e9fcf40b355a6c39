package norma.monitor.runs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;

/**
 * A run's configuration as dotted keys with their values. It is read without the rules of {@code RunConfig}: a run of
 * another version is to be shown too.
 */
final class ConfigValues {
    private static final ObjectMapper YAML = new YAMLMapper();

    private final ObjectNode values;

    private ConfigValues(ObjectNode values) {
        this.values = values;
    }

    /**
     * Reads YAML.
     *
     * @param source the file, for the message
     * @throws InvalidInputException if it is not a mapping in YAML
     */
    static ConfigValues parse(String text, String source) {
        try {
            JsonNode tree = YAML.readTree(text);
            if (!tree.isObject()) {
                throw new InvalidInputException(source + ": holds no settings, expected a run's configuration in YAML");
            }
            ObjectNode flat = JsonNodeFactory.instance.objectNode();
            flatten(tree, "", flat);
            return new ConfigValues(flat);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(source + ": not YAML (line " + line(e) + ")", e);
        }
    }

    private static int line(JsonProcessingException e) {
        return e.getLocation() == null ? 0 : e.getLocation().getLineNr();
    }

    private static void flatten(JsonNode node, String prefix, ObjectNode into) {
        node.properties().forEach(entry -> {
            if (entry.getValue().isObject()) {
                flatten(entry.getValue(), prefix + entry.getKey() + ".", into);
            } else {
                into.set(prefix + entry.getKey(), entry.getValue());
            }
        });
    }

    /** All of them: {@code {"training.steps": 4000, …}}. */
    ObjectNode json() {
        return values;
    }

    /** A text; empty where there is none. */
    Optional<String> text(String key) {
        return values.hasNonNull(key) ? Optional.of(values.get(key).asText()) : Optional.empty();
    }

    /** A whole number; empty where there is none. */
    Optional<Long> wholeNumber(String key) {
        return values.path(key).canConvertToLong() ? Optional.of(values.get(key).longValue()) : Optional.empty();
    }
}
