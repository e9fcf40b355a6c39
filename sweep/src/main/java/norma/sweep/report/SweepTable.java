package norma.sweep.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import norma.probes.emergence.Spread;
import norma.sweep.folder.TaskState;
import norma.sweep.plan.SweepPoint;

/** A sweep as a table for people: a line for each point, mean ± sample standard deviation over its seeds. */
public final class SweepTable {
    private static final String NONE = "-";
    private static final List<String> HEAD = List.of(
            "point", "runs", "loss", "outliers", "rule since", "shape since", "cost since", "own cost", "random");

    private static final List<String> NOTES = List.of(
            "Over the finished runs of each point: mean ± sample standard deviation; (n) where only n of them have it.",
            "Loss: the last on the held-out split, in nats. Outliers: how many dimensions are by the paper's rule, at the end.",
            "Rule, shape, cost since: first step from which, to the end, one of the ablated dimensions is an outlier by the rule;",
            "is beyond 3 standard deviations in some layer; costs a tenth of what it costs in the end (docs/measures.md).",
            "Own cost, random: rise of the loss without the run's own dimensions, and without as many others, in nats.");

    private SweepTable() {}

    /** The table, what its columns are, and what was wrong with single runs. */
    public static String of(SweepResult result) {
        List<List<String>> rows = new ArrayList<>(List.of(HEAD));
        for (SweepPoint point : result.plan().points()) {
            rows.add(row(result, point));
        }
        List<String> lines = new ArrayList<>();
        lines.add("Sweep " + result.plan().name() + " of " + result.plan().base() + ", " + result.states());
        lines.add("");
        lines.addAll(aligned(rows));
        lines.add("");
        lines.addAll(NOTES);
        for (RunResult run : result.runs()) {
            if (run.state() == TaskState.FAILED || run.state() == TaskState.DIVERGED) {
                lines.add(run.run().name() + ": " + run.state().label()
                        + run.sentence().map(why -> ": " + why).orElse(""));
            }
            run.problems().forEach(problem -> lines.add(run.run().name() + ": " + problem));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static List<String> row(SweepResult result, SweepPoint point) {
        return List.of(
                label(point),
                result.finished(point).size() + " of " + result.of(point).size(),
                spread(result, point, RunResult::finalLoss, "%.3f"),
                spread(result, point, RunResult::outlierCount, "%.1f"),
                spread(result, point, RunResult::ruleStep, "%,.0f"),
                spread(result, point, RunResult::departureStep, "%,.0f"),
                spread(result, point, RunResult::t10, "%,.0f"),
                spread(result, point, RunResult::ownCost, "%.3f"),
                spread(result, point, RunResult::randomCost, "%.3f"));
    }

    /** The value of a single swept key, or the point's name. */
    static String label(SweepPoint point) {
        return point.values().size() == 1
                        && point.name()
                                .endsWith(point.values().values().iterator().next())
                ? point.values().values().iterator().next()
                : point.name();
    }

    private static String spread(
            SweepResult result, SweepPoint point, Function<RunResult, ? extends Number> figure, String format) {
        Spread spread = result.spread(point, figure);
        if (spread.values().isEmpty()) {
            return NONE;
        }
        return String.format(Locale.ROOT, format, spread.mean())
                + (Double.isNaN(spread.std()) ? "" : " ± " + String.format(Locale.ROOT, format, spread.std()))
                + (spread.never() == 0 ? "" : " (" + spread.values().size() + ")");
    }

    /** The first column to the left, the others to the right. */
    private static List<String> aligned(List<List<String>> rows) {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder("  ");
            for (int i = 0; i < widths.length; i++) {
                String gap = " ".repeat(widths[i] - row.get(i).length());
                line.append(i == 0 ? row.get(i) + gap : "  " + gap + row.get(i));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
