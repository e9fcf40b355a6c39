package norma.probes.damage;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.probes.ablation.Cost;
import norma.probes.damage.DamageCurve.Point;
import norma.probes.emergence.Departure;
import norma.probes.emergence.EmergedDimension;
import norma.probes.emergence.Emergence;
import norma.trainer.run.MetricsLog;

/**
 * When the shape of a run's dimensions comes and when their cost does. The shape is known at every recorded step; the
 * cost at checkpoints, between which it is taken for a straight line.
 *
 * @param dimensions which, those of a {@link DamageCurve}
 * @param ruleStep first recorded step from which one of them satisfies the rule to the end; null if none does
 * @param departureStep first recorded step from which a weight or bias of one of them lies beyond the rule's threshold
 *     in some layer's output to the end; null if none does
 * @param every recorded steps lie so far apart
 * @param cost of the last checkpoint
 * @param t10 from when the cost is a tenth of the last one's to the end; null if the last one is not above 0
 * @param t90 from when it is nine tenths of it to the end; null in the same case
 */
public record Onset(
        List<Integer> dimensions, Long ruleStep, Long departureStep, int every, Cost cost, Crossing t10, Crossing t90) {
    /** Its key in {@code emergence.json}. */
    public static final String KEY = "onset";

    public Onset {
        dimensions = List.copyOf(dimensions);
    }

    /**
     * From when a cost is reached to the end.
     *
     * @param step on the straight line between two checkpoints
     * @param after the last checkpoint below; null if none is, and then {@code step} is the first one
     * @param by the checkpoint after that: it was reached between the two
     */
    public record Crossing(double step, Long after, long by) {}

    /** From the curve and the recording of one run. */
    public static Onset of(DamageCurve curve, Emergence emergence) {
        Long rule = earliest(emergence.dimensions().stream()
                .filter(emerged -> curve.dimensions().contains(emerged.dimension()))
                .map(EmergedDimension::emergenceStep));
        List<String> outputs = emergence.ruleDescription().sites().stream()
                .map(site -> site.name())
                .toList();
        Long departure = earliest(emergence.departures().stream()
                .filter(left ->
                        outputs.contains(left.site()) && curve.dimensions().contains(left.dimension()))
                .flatMap(Onset::steps));
        Point last = curve.last();
        return new Onset(
                curve.dimensions(),
                rule,
                departure,
                emergence.every(),
                last.cost(),
                crossing(curve.points(), 0.1),
                crossing(curve.points(), 0.9));
    }

    private static Stream<Long> steps(Departure departure) {
        return Stream.of(Optional.ofNullable(departure.weightStep()), Optional.ofNullable(departure.biasStep()))
                .flatMap(Optional::stream);
    }

    private static Long earliest(Stream<Long> steps) {
        return steps.filter(Objects::nonNull).min(Long::compare).orElse(null);
    }

    /** From when a curve has a share of its last cost to the end; null if that cost is not above 0. */
    public static Crossing crossing(List<Point> points, double share) {
        double level = share * points.get(points.size() - 1).own();
        if (!(level > 0)) {
            return null;
        }
        int below = points.size() - 1;
        while (below >= 0 && points.get(below).own() >= level) {
            below--;
        }
        Point by = points.get(below + 1);
        if (below < 0) {
            return new Crossing(by.step(), null, by.step());
        }
        Point after = points.get(below);
        double part = (level - after.own()) / (by.own() - after.own());
        return new Crossing(after.step() + part * (by.step() - after.step()), after.step(), by.step());
    }

    /** From the rule's step to {@link #t10}; null if one of the two does not exist. */
    public Double shapeToCost() {
        return ruleStep == null || t10 == null ? null : t10.step() - ruleStep;
    }

    /** All figures. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        dimensions.forEach(json.putArray("dimensions")::add);
        json.put("rule_step", ruleStep);
        json.put("departure_step", departureStep);
        json.put("recorded_every", every);
        json.put("cost", cost.nats());
        MetricsLog.put(json, "random_cost", cost.random());
        MetricsLog.put(json, "random_cost_error", cost.error());
        MetricsLog.put(json, "times_random", cost.ratio());
        json.put("catastrophic", cost.catastrophic());
        put(json, "t10", t10);
        put(json, "t90", t90);
        json.put("steps_from_rule_to_t10", shapeToCost());
        return json;
    }

    /**
     * The onset that {@code norma emergence} noted beside a run's emergence.
     *
     * @param file {@code emergence.json}
     * @return empty if the run had not been ablated along its checkpoints then
     * @throws norma.datasets.base.InvalidInputException naming file and key of what is missing or of another type
     */
    public static Optional<Onset> read(Path file) {
        JsonObject emergence = JsonFile.read(file, "what norma emergence keeps");
        if (!emergence.has(KEY)) {
            return Optional.empty();
        }
        JsonObject json = emergence.object(KEY);
        return Optional.of(new Onset(
                json.counts("dimensions"),
                json.wholeNumberIfAny("rule_step", 0).orElse(null),
                json.wholeNumberIfAny("departure_step", 0).orElse(null),
                json.count("recorded_every", 1),
                new Cost(json.number("cost"), json.number("random_cost"), json.number("random_cost_error")),
                crossing(json, "t10"),
                crossing(json, "t90")));
    }

    private static Crossing crossing(JsonObject json, String key) {
        if (!json.has(key)) {
            return null;
        }
        JsonObject crossing = json.object(key);
        return new Crossing(
                crossing.number("step"),
                crossing.wholeNumberIfAny("after", 0).orElse(null),
                crossing.wholeNumber("by", 0));
    }

    private static void put(ObjectNode json, String key, Crossing crossing) {
        if (crossing == null) {
            json.putNull(key);
        } else {
            json.putObject(key)
                    .put("step", crossing.step())
                    .put("after", crossing.after())
                    .put("by", crossing.by());
        }
    }

    /** A few lines for people. */
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.add(line("Shape and cost of %s:", words()));
        lines.add(
                ruleStep == null
                        ? "  not an outlier by the rule at the end"
                        : line("  an outlier by the rule from step %,d to the end", ruleStep));
        lines.add(
                departureStep == null
                        ? "  not beyond the threshold in any layer at the end"
                        : line("  beyond the threshold in some layer from step %,d to the end", departureStep));
        lines.add(line("  (recorded every %s)", every == 1 ? "step" : every + " steps"));
        lines.add(line(
                "  cost at the last checkpoint %.4f nats%s%s",
                cost.nats(),
                Double.isNaN(cost.random())
                        ? ""
                        : Double.isNaN(cost.ratio())
                                ? line("; random dimensions cost %.4f", cost.random())
                                : line(", %.1f times that of random dimensions", cost.ratio()),
                cost.catastrophic() ? ": catastrophic" : ""));
        if (t10 != null) {
            lines.add(line("  at least a tenth of it from %s", words(t10)));
            lines.add(line("  at least nine tenths of it from %s", words(t90)));
        }
        if (shapeToCost() != null) {
            lines.add(line("  from shape to a tenth of the cost: %,.0f steps", shapeToCost()));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private String words() {
        return dimensions.isEmpty()
                ? "no dimension"
                : (dimensions.size() == 1 ? "dimension " : "dimensions ")
                        + String.join(
                                ", ", dimensions.stream().map(String::valueOf).toList());
    }

    private static String words(Crossing crossing) {
        return crossing.after() == null
                ? line("the first checkpoint, step %,d, or earlier to the end", crossing.by())
                : line(
                        "step %,.0f to the end (between the checkpoints %,d and %,d)",
                        crossing.step(), crossing.after(), crossing.by());
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
