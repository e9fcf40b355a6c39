package norma.sweep.plan;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What distinguishes some runs of a sweep from the others; they differ from each other by their seed alone.
 *
 * @param name unique in the sweep, part of the runs' names
 * @param values of the swept keys, by dotted key, in the order of the sweep's file
 */
public record SweepPoint(String name, Map<String, String> values) {
    /** Of a sweep over seeds alone. */
    static final SweepPoint BASE = new SweepPoint("base", Map.of());

    public SweepPoint {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Named after its values. */
    static SweepPoint of(Map<String, String> values) {
        return new SweepPoint(
                values.entrySet().stream()
                        .map(value -> lastWord(value.getKey(), values) + "-" + value.getValue())
                        .collect(Collectors.joining("-"))
                        .replaceAll("[^A-Za-z0-9._-]+", "-")
                        .replaceAll("-+$", ""),
                values);
    }

    /** The part of a key after its last dot; the whole key where that is another one's too. */
    private static String lastWord(String key, Map<String, String> values) {
        String word = key.substring(key.lastIndexOf('.') + 1);
        boolean alone = values.keySet().stream()
                        .filter(other ->
                                other.substring(other.lastIndexOf('.') + 1).equals(word))
                        .count()
                == 1;
        return alone ? word : key;
    }
}
