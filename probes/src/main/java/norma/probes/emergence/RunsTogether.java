package norma.probes.emergence;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

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

    private static Long stepOf(Emergence emergence, int dimension) {
        return emergence.dimensions().stream()
                .filter(d -> d.dimension() == dimension)
                .map(EmergedDimension::emergenceStep)
                .findFirst()
                .orElse(null);
    }

    /** The step at which the first outlier of each run emerged, null for a run without one. */
    List<Long> firstEmergences() {
        List<Long> steps = new ArrayList<>();
        for (Emergence emergence : emergences) {
            steps.add(emergence.dimensions().stream()
                    .map(EmergedDimension::emergenceStep)
                    .filter(Objects::nonNull)
                    .min(Comparator.naturalOrder())
                    .orElse(null));
        }
        return steps;
    }

    /**
     * When the first outlier of a run emerged, when each position did over the runs, and how many positions pairs of
     * runs share; by chance, if positions were independent and uniform, two runs would share |A| |B| / H on average. A
     * run in which a position, or any, did not emerge counts as never and not in mean and spread.
     */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        Spread first = Spread.of(firstEmergences());
        json.put("runs", runs.size());
        json.put("runs_without_outlier", first.never());
        first.put(json.putObject("first_emergence_step"));
        Set<Integer> everywhere = new TreeSet<>();
        emergences.forEach(emergence -> everywhere.addAll(positions(emergence)));
        ArrayNode positions = json.putArray("positions");
        for (int dimension : everywhere) {
            List<Long> steps = new ArrayList<>();
            emergences.forEach(emergence -> steps.add(stepOf(emergence, dimension)));
            Spread spread = Spread.of(steps);
            ObjectNode one = positions.addObject().put("dimension", dimension);
            one.put("runs", spread.values().size());
            steps.forEach(one.putArray("emergence_steps")::add);
            spread.put(one);
        }
        pairs(json);
        return json;
    }

    private void pairs(ObjectNode json) {
        ArrayNode pairs = JsonNodeFactory.instance.arrayNode();
        int shared = 0;
        double expected = 0;
        for (int a = 0; a < emergences.size(); a++) {
            for (int b = a + 1; b < emergences.size(); b++) {
                Set<Integer> both = positions(emergences.get(a));
                Set<Integer> other = positions(emergences.get(b));
                double chance =
                        (double) both.size() * other.size() / emergences.get(a).hidden();
                both.retainAll(other);
                shared += both.size();
                expected += chance;
                ObjectNode pair = pairs.addObject().put("a", runs.get(a)).put("b", runs.get(b));
                new TreeSet<>(both).forEach(pair.putArray("shared")::add);
                pair.put("expected_by_chance", chance);
            }
        }
        json.put("positions_shared_by_pairs", shared);
        json.put("expected_by_chance", expected);
        json.set("pairs", pairs);
    }
}
