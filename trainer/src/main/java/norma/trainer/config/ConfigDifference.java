package norma.trainer.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A key that two configurations give different values.
 *
 * @param key dotted, such as {@code schedule.type}
 * @param before its value in the first; "nothing" where it has none
 * @param after its value in the second; "nothing" where it has none
 */
public record ConfigDifference(String key, String before, String after) {
    private static final String NOTHING = "nothing";

    /** Every key in which two configurations differ, in alphabetical order; defaults count as written out. */
    public static List<ConfigDifference> between(RunConfig first, RunConfig second) {
        SortedMap<String, String> before = values(first);
        SortedMap<String, String> after = values(second);
        SortedMap<String, String> keys = new TreeMap<>(before);
        keys.putAll(after);
        List<ConfigDifference> differences = new ArrayList<>();
        for (String key : keys.keySet()) {
            String was = before.getOrDefault(key, NOTHING);
            String is = after.getOrDefault(key, NOTHING);
            if (!was.equals(is)) {
                differences.add(new ConfigDifference(key, was, is));
            }
        }
        return differences;
    }

    private static SortedMap<String, String> values(RunConfig config) {
        SortedMap<String, String> values = new TreeMap<>();
        collect(RunConfigYaml.tree(config), "", values);
        return values;
    }

    private static void collect(JsonNode node, String prefix, Map<String, String> into) {
        node.properties().forEach(entry -> {
            String key = prefix + entry.getKey();
            if (entry.getValue().isObject()) {
                collect(entry.getValue(), key + ".", into);
            } else {
                JsonNode value = entry.getValue();
                into.put(key, value.isValueNode() ? value.asText() : value.toString());
            }
        });
    }

    @Override
    public String toString() {
        return key + " " + before + " → " + after;
    }
}
