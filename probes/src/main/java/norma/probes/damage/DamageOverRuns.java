package norma.probes.damage;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import norma.probes.ablation.Cost;
import norma.probes.damage.DamageCurve.Point;
import norma.probes.damage.Onset.Crossing;
import norma.probes.emergence.Spread;
import norma.trainer.figure.Figure;
import norma.trainer.figure.LineChart;

/**
 * Damage over several runs, such as seeds: mean and sample standard deviation at the steps of which all have a
 * checkpoint.
 *
 * @param runs their names
 * @param curves of each
 * @param onsets of each
 */
public record DamageOverRuns(List<String> runs, List<DamageCurve> curves, List<Onset> onsets) {
    public DamageOverRuns {
        runs = List.copyOf(runs);
        curves = List.copyOf(curves);
        onsets = List.copyOf(onsets);
    }

    /** Why the runs cannot be compared, as a sentence; empty if they can. */
    public Optional<String> incomparable() {
        for (int i = 1; i < curves.size(); i++) {
            if (!curves.get(i).measured().equals(curves.get(0).measured())) {
                return Optional.of(
                        runs.get(i) + " was ablated otherwise (" + curves.get(i).measured() + ") than " + runs.get(0)
                                + " (" + curves.get(0).measured() + ")");
            }
        }
        return steps().size() < 2
                ? Optional.of("the runs share " + steps().size() + " of the steps at which they were ablated")
                : Optional.empty();
    }

    /** Steps of which all runs have a checkpoint, ascending. */
    List<Long> steps() {
        return curves.get(0).points().stream()
                .map(Point::step)
                .filter(step -> curves.stream()
                        .allMatch(curve -> curve.points().stream().anyMatch(point -> point.step() == step)))
                .toList();
    }

    /** A figure of all runs at a step. */
    Spread at(long step, ToDoubleFunction<Point> figure) {
        List<Double> values = new ArrayList<>();
        for (DamageCurve curve : curves) {
            double value = curve.points().stream()
                    .filter(point -> point.step() == step)
                    .mapToDouble(figure)
                    .findFirst()
                    .orElse(Double.NaN);
            values.add(Double.isNaN(value) ? null : value);
        }
        return Spread.of(values);
    }

    /** Spreads of the onset's figures, and of whole model, cost and random cost at each step. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("runs", runs.size());
        json.put(
                "catastrophic_runs",
                onsets.stream().filter(onset -> onset.cost().catastrophic()).count());
        spread(json, "rule_step", Onset::ruleStep);
        spread(json, "departure_step", Onset::departureStep);
        spread(json, "t10", onset -> step(onset.t10()));
        spread(json, "t90", onset -> step(onset.t90()));
        spread(json, "steps_from_rule_to_t10", Onset::shapeToCost);
        spread(json, "cost", onset -> onset.cost().nats());
        spread(json, "random_cost", onset -> finite(onset.cost().random()));
        spread(json, "times_random", onset -> finite(onset.cost().ratio()));
        ArrayNode points = json.putArray("points");
        for (long step : steps()) {
            ObjectNode point = points.addObject().put("step", step);
            at(step, Point::whole).put(point.putObject("whole_loss"));
            at(step, Point::own).put(point.putObject("cost"));
            at(step, Point::random).put(point.putObject("random_cost"));
        }
        return json;
    }

    private void spread(ObjectNode json, String key, Function<Onset, Number> figure) {
        Spread.of(values(figure)).put(json.putObject(key));
    }

    private static Double step(Crossing crossing) {
        return crossing == null ? null : crossing.step();
    }

    private static Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    /** A line for each run and step: {@code run, step, whole_loss, cost, random_cost}; losses in nats. */
    public String csv() {
        StringBuilder csv = new StringBuilder("run,step,whole_loss,cost,random_cost\n");
        for (int i = 0; i < runs.size(); i++) {
            for (Point point : curves.get(i).points()) {
                csv.append('"').append(runs.get(i).replace("\"", "\"\"")).append('"');
                csv.append(',').append(point.step());
                for (double value : new double[] {point.whole(), point.own(), point.random()}) {
                    csv.append(',').append(Double.isNaN(value) ? "" : Double.toString(value));
                }
                csv.append('\n');
            }
        }
        return csv.toString();
    }

    /** The loss and what it rises by, mean over the runs with a band of a standard deviation. */
    public Figure figure() {
        LineChart loss = LineChart.of("(a) Loss", "step", "loss (nats)", false);
        loss.referenceSpread("whole model", x(), mean(Point::whole), low(Point::whole), high(Point::whole));
        ToDoubleFunction<Point> without = point -> point.whole() + point.own();
        ToDoubleFunction<Point> others = point -> point.whole() + point.random();
        add(loss, without, others);
        LineChart cost = LineChart.of("(b) What is lost", "step", "rise of the loss (nats)", false);
        add(cost, Point::own, Point::random);
        return LineChart.stacked(
                "Damage along pre-training, " + runs.size() + " runs",
                "Mean over " + String.join(", ", runs) + "; band: one sample standard deviation",
                List.of(loss, cost.zero()));
    }

    private void add(LineChart chart, ToDoubleFunction<Point> own, ToDoubleFunction<Point> others) {
        chart.spread("without each run's own dimensions", x(), mean(own), low(own), high(own));
        if (curves.stream().allMatch(curve -> curve.draws() > 0)) {
            chart.band("without as many at random", x(), mean(others), low(others), high(others));
        }
    }

    private double[] x() {
        return steps().stream().mapToDouble(Long::doubleValue).toArray();
    }

    private double[] mean(ToDoubleFunction<Point> figure) {
        return steps().stream().mapToDouble(step -> at(step, figure).mean()).toArray();
    }

    private double[] low(ToDoubleFunction<Point> figure) {
        return edge(figure, -1);
    }

    private double[] high(ToDoubleFunction<Point> figure) {
        return edge(figure, 1);
    }

    private double[] edge(ToDoubleFunction<Point> figure, int side) {
        return steps().stream()
                .mapToDouble(step -> {
                    Spread spread = at(step, figure);
                    return spread.mean() + side * (Double.isNaN(spread.std()) ? 0 : spread.std());
                })
                .toArray();
    }

    /** A few lines for people. */
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.add(line("Over %d runs, mean ± sample standard deviation:", runs.size()));
        lines.add(entry("by the rule to the end, from step", steps(Spread.of(values(Onset::ruleStep)))));
        lines.add(entry("a tenth of the final cost at step", steps(Spread.of(values(o -> step(o.t10()))))));
        lines.add(entry("nine tenths of it at step", steps(Spread.of(values(o -> step(o.t90()))))));
        Spread cost = Spread.of(values(onset -> onset.cost().nats()));
        Spread random = Spread.of(values(onset -> finite(onset.cost().random())));
        lines.add(entry("final cost", nats(cost) + " nats"));
        lines.add(entry("of random dimensions", nats(random) + " nats"));
        lines.add(line(
                "  catastrophic (at least %.0f nat and %.0f times random): %d of %d",
                Cost.CATASTROPHIC_NATS,
                Cost.CATASTROPHIC_TIMES,
                onsets.stream().filter(onset -> onset.cost().catastrophic()).count(),
                runs.size()));
        return String.join(System.lineSeparator(), lines);
    }

    private static String entry(String what, String value) {
        return line("  %-35s%s", what, value);
    }

    private List<Number> values(Function<Onset, Number> figure) {
        List<Number> values = new ArrayList<>();
        onsets.forEach(onset -> values.add(figure.apply(onset)));
        return values;
    }

    private static String steps(Spread spread) {
        String never = spread.never() == 0 ? "" : line(" (never in %d)", spread.never());
        return spread.values().isEmpty()
                ? "never"
                : line("%,.0f", spread.mean())
                        + (Double.isNaN(spread.std()) ? "" : line(" ± %,.0f", spread.std()))
                        + never;
    }

    private static String nats(Spread spread) {
        return spread.values().isEmpty()
                ? "not measured,"
                : line("%.4f", spread.mean()) + (Double.isNaN(spread.std()) ? "" : line(" ± %.4f", spread.std()));
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
