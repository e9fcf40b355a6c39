package norma.cli.fuzz;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Outcomes counted per format, as a table. */
final class Tally {
    private final Map<String, EnumMap<Outcome, Integer>> counts = new TreeMap<>();

    synchronized void add(Fuzzer.Case one) {
        counts.computeIfAbsent(one.format().name(), name -> new EnumMap<>(Outcome.class))
                .merge(one.outcome(), 1, Integer::sum);
    }

    @Override
    public synchronized String toString() {
        StringBuilder table = new StringBuilder(row("format", Outcome::label));
        EnumMap<Outcome, Integer> total = new EnumMap<>(Outcome.class);
        counts.forEach((name, outcomes) -> {
            table.append(row(name, count(outcomes)));
            outcomes.forEach((outcome, count) -> total.merge(outcome, count, Integer::sum));
        });
        return table.append(row("all", count(total))).toString();
    }

    private static Function<Outcome, String> count(Map<Outcome, Integer> outcomes) {
        return outcome -> String.format(Locale.ROOT, "%,d", outcomes.getOrDefault(outcome, 0));
    }

    private static String row(String name, Function<Outcome, String> cell) {
        StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "%-28s", name));
        for (Outcome outcome : Outcome.values()) {
            int width = Math.max(9, outcome.label().length() + 2);
            row.append(String.format(Locale.ROOT, "%" + width + "s", cell.apply(outcome)));
        }
        return row.append('\n').toString();
    }
}
