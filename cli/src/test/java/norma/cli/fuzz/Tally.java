package norma.cli.fuzz;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Outcomes counted per format, as a table. */
final class Tally {
    private final Map<String, EnumMap<Outcome, Integer>> counts = new TreeMap<>();

    synchronized void add(Fuzzer.Case one) {
        counts.computeIfAbsent(one.format().name(), name -> new EnumMap<>(Outcome.class))
                .merge(one.outcome(), 1, Integer::sum);
    }

    @Override
    public synchronized String toString() {
        StringBuilder table = new StringBuilder(row(
                "format", List.of(Outcome.values()).stream().map(Outcome::label).toList()));
        EnumMap<Outcome, Integer> total = new EnumMap<>(Outcome.class);
        counts.forEach((name, outcomes) -> {
            table.append(row(name, cells(outcomes)));
            outcomes.forEach((outcome, count) -> total.merge(outcome, count, Integer::sum));
        });
        return table.append(row("all", cells(total))).toString();
    }

    private static List<String> cells(Map<Outcome, Integer> outcomes) {
        return List.of(Outcome.values()).stream()
                .map(outcome -> String.format(Locale.ROOT, "%,d", outcomes.getOrDefault(outcome, 0)))
                .toList();
    }

    private static String row(String name, List<String> cells) {
        StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "%-28s", name));
        for (int i = 0; i < cells.size(); i++) {
            int width = Math.max(9, Outcome.values()[i].label().length() + 2);
            row.append(String.format(Locale.ROOT, "%" + width + "s", cells.get(i)));
        }
        return row.append('\n').toString();
    }
}
