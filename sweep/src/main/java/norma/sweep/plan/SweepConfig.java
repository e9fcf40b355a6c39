package norma.sweep.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.base.InvalidInputException;

/**
 * The file of a sweep. A run is trained for each point and seed, where the points are all combinations of {@code grid},
 * or those of {@code points}, or a single one without either.
 *
 * @param name of the sweep and of its folder; null for the file's
 * @param base configuration that every run begins from, relative to the file
 * @param set values that replace the base's in every run, by dotted key
 * @param grid values of each swept key; null for none
 * @param points values that replace the base's in one point each, by dotted key; {@code name} names the point; null for
 *     none
 * @param seeds of the runs of each point; null for the base's
 * @param probes commands that each finished run is given to, such as {@code outliers}; null for none
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record SweepConfig(
        String name,
        String base,
        Map<String, JsonNode> set,
        Map<String, List<JsonNode>> grid,
        List<Map<String, JsonNode>> points,
        List<Long> seeds,
        List<String> probes) {
    static final String GROUP = "sweep";

    public SweepConfig {
        require(base != null, "base", "nothing", "a configuration of a run, such as ../quickstart.yaml");
        require(
                name == null || name.matches("[\\w][\\w.-]*"),
                "name",
                name,
                "letters, digits, dots, hyphens and underscores");
        require(grid == null || points == null, "points", "points beside a grid", "one of the two");
        require(grid == null || !grid.isEmpty(), "grid", "nothing", "a key with its values, such as {a.b: [1, 2]}");
        require(
                points == null || !points.isEmpty(),
                "points",
                "none",
                "a list of points, such as [{a.b: 1}, {a.b: 2}]");
        require(seeds == null || !seeds.isEmpty(), "seeds", "none", "whole numbers, such as [1, 2, 3]");
        set = set == null ? Map.of() : ordered(set);
        grid = grid == null ? Map.of() : ordered(grid);
        points = points == null ? List.of() : List.copyOf(points);
        seeds = seeds == null ? List.of() : List.copyOf(seeds);
        probes = probes == null ? List.of() : List.copyOf(probes);
        grid.forEach((key, values) -> {
            require(!values.isEmpty(), "grid." + key, "no value", "at least one");
            requireDifferent("grid." + key, values);
        });
        set.forEach((key, value) -> requireNoGroup("set." + key, value));
        grid.forEach((key, values) -> values.forEach(value -> requireNoGroup("grid." + key, value)));
        points.forEach(point -> point.forEach((key, value) -> requireNoGroup("points." + key, value)));
        requireDifferent("seeds", seeds);
        requireDifferent("probes", probes);
    }

    /** Map.copyOf would lose the order, which is that of the table. */
    private static <V> Map<String, V> ordered(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /** A group would take the place of all that the base says of it. */
    private static void requireNoGroup(String key, JsonNode value) {
        require(!value.isObject(), key, value, "a value, with the whole key before it, such as training.steps: 200");
    }

    private static void requireDifferent(String key, List<?> values) {
        Set<Object> seen = new HashSet<>();
        for (Object value : values) {
            require(seen.add(value), key, value + " twice", "each value once");
        }
    }

    private static void require(boolean holds, String key, Object found, String expected) {
        if (!holds) {
            throw InvalidInputException.of(GROUP, key, found, expected);
        }
    }
}
