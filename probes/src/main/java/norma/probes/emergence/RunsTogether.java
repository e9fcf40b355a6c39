package norma.probes.emergence;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Several runs, such as those of several seeds.
 *
 * @param runs their names
 * @param emergences what each recording says
 */
public record RunsTogether(List<String> runs, List<Emergence> emergences) {
    public RunsTogether {
        runs = List.copyOf(runs);
        emergences = List.copyOf(emergences);
    }

    /** Dimensions that are outliers at a run's end. */
    private static Set<Integer> positions(Emergence emergence) {
        Set<Integer> positions = new HashSet<>();
        for (EmergedDimension dimension : emergence.dimensions()) {
            if (dimension.emergenceStep() != null) {
                positions.add(dimension.dimension());
            }
        }
        return positions;
    }

    /** Steps at which the first outlier of each run emerged for good; runs without one are left out. */
    List<Long> firstEmergences() {
        List<Long> steps = new ArrayList<>();
        for (Emergence emergence : emergences) {
            emergence.dimensions().stream()
                    .filter(dimension -> dimension.emergenceStep() != null)
                    .mapToLong(EmergedDimension::emergenceStep)
                    .min()
                    .ifPresent(steps::add);
        }
        return steps;
    }

    /**
     * Pairs of runs, and how many outlier positions they share; by chance, if positions were independent and uniform,
     * |A| |B| / H.
     */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        List<Long> steps = firstEmergences();
        json.put("runs", runs.size());
        json.put("runs_without_outlier", runs.size() - steps.size());
        ObjectNode first = json.putObject("first_emergence_step");
        double mean = steps.stream().mapToLong(Long::longValue).average().orElse(Double.NaN);
        double variance = steps.stream()
                .mapToDouble(step -> (step - mean) * (step - mean))
                .average()
                .orElse(Double.NaN);
        first.put("mean", mean);
        first.put("std", Math.sqrt(variance));
        first.put("min", steps.stream().mapToLong(Long::longValue).min().orElse(-1));
        first.put("max", steps.stream().mapToLong(Long::longValue).max().orElse(-1));
        if (steps.isEmpty()) {
            first.removeAll();
        }
        Map<Integer, Integer> runsOf = new TreeMap<>();
        emergences.forEach(e -> positions(e).forEach(d -> runsOf.merge(d, 1, Integer::sum)));
        ArrayNode positions = json.putArray("positions");
        runsOf.forEach((d, n) -> positions.addObject().put("dimension", d).put("runs", n));
        int shared = 0;
        double expected = 0;
        for (int a = 0; a < emergences.size(); a++) {
            for (int b = a + 1; b < emergences.size(); b++) {
                Set<Integer> both = positions(emergences.get(a));
                Set<Integer> other = positions(emergences.get(b));
                expected +=
                        (double) both.size() * other.size() / emergences.get(a).hidden();
                both.retainAll(other);
                shared += both.size();
            }
        }
        json.put("positions_shared_by_pairs", shared);
        json.put("expected_by_chance", expected);
        return json;
    }
}
