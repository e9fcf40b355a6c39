package norma.probes.emergence;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import norma.trainer.figure.Figure;
import norma.trainer.figure.LaneChart;
import norma.trainer.figure.LineChart;
import norma.trainer.figure.Panel;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.Part;

/** The loss, how far the notable dimensions lie from the others, and how many are beyond the threshold, over steps. */
public final class EmergenceFigure {
    private static final int POINTS = 300;
    private static final int NOTABLE = 3;
    private static final int MOST_LANES = 30; // of a dimension

    private EmergenceFigure() {}

    /**
     * Panels above each other: the loss, if there is one; mean over the layers' outputs of |z| of weight and bias of
     * the dimensions that go mostExtreme among those that emerged, or else among all; numbers of dimensions beyond the
     * threshold. Steps that cannot be read are left out.
     *
     * @param losses of the run, or null
     */
    public static Figure of(String run, LayerNormRecording recording, Emergence emergence, LossesAtSteps losses)
            throws IOException {
        List<Integer> notable = notable(emergence);
        long stride = Math.max(1, (recording.size() + POINTS - 1) / POINTS);
        List<Long> rows = new ArrayList<>();
        for (long row = 0; row < recording.size(); row += stride) {
            if (recording.has(row)) {
                rows.add(row);
            }
        }
        FigureSeries series = new FigureSeries(
                recording, emergence.stack(), rows, notable, emergence.rule().sigma());
        double[] steps = series.steps();
        List<LineChart> panels = new ArrayList<>();
        if (losses != null && !losses.training().isEmpty()) {
            panels.add(loss(losses, emergence));
        }
        LineChart far = panel("Distance from the other dimensions, mean over the layers' outputs", "|z|");
        for (int dimension : notable) {
            for (Part part : Part.values()) {
                series.magnitude(dimension, part).ifPresent(z -> far.line(part.label() + " " + dimension, steps, z));
            }
        }
        far.threshold(
                "threshold: " + emergence.rule().sigma(),
                steps,
                emergence.rule().sigma());
        panels.add(far.marks(marks(emergence, true)));
        counts(series, emergence, notable.size()).ifPresent(panels::add);
        String lines = marks(emergence, true).isEmpty()
                ? "no dimension satisfies the rule at the end"
                : "vertical lines: a dimension satisfies the rule from there to the end";
        return LineChart.stacked(
                "Emergence of outlier dimensions: " + run,
                "Rule: " + emergence.ruleDescription().sentence() + "; " + lines,
                panels);
    }

    /** How many dimensions are beyond the threshold; nothing where none ever is. */
    private static Optional<LineChart> counts(FigureSeries series, Emergence emergence, int coloured) {
        LineChart many = panel("Dimensions beyond the threshold", "dimensions")
                .wholeNumbers()
                .skipColours(2 * coloured);
        List<Emergence.Count> counts = emergence.counts();
        Optional<double[]> weights = series.beyond(Part.WEIGHT);
        Optional<double[]> biases = series.beyond(Part.BIAS);
        boolean any = counts.stream().anyMatch(count -> count.count() > 0)
                || Stream.of(weights, biases)
                        .flatMap(Optional::stream)
                        .flatMapToDouble(Arrays::stream)
                        .anyMatch(number -> number > 0);
        if (!any) {
            return Optional.empty();
        }
        many.broadStairs(
                "outliers by the rule",
                counts.stream().mapToDouble(Emergence.Count::step).toArray(),
                counts.stream().mapToDouble(Emergence.Count::count).toArray());
        weights.ifPresent(n -> many.line("weights, mean over layers", series.steps(), n));
        biases.ifPresent(n -> many.line("biases, mean over layers", series.steps(), n));
        return Optional.of(many.marks(marks(emergence, false)));
    }

    private static LineChart panel(String heading, String label) {
        return LineChart.of(heading, "step", label, false);
    }

    private static LineChart loss(LossesAtSteps losses, Emergence emergence) {
        LineChart chart = panel("Loss", "loss (nats)");
        List<Map.Entry<Long, Double>> training = thin(losses.training());
        chart.faint("training loss", steps(training), values(training));
        List<Map.Entry<Long, Double>> validation = thin(losses.validation());
        if (!validation.isEmpty()) {
            chart.reference("validation loss", steps(validation), values(validation));
        }
        return chart.marks(marks(emergence, false));
    }

    private static double[] steps(List<Map.Entry<Long, Double>> points) {
        return points.stream().mapToDouble(Map.Entry::getKey).toArray();
    }

    private static double[] values(List<Map.Entry<Long, Double>> points) {
        return points.stream().mapToDouble(Map.Entry::getValue).toArray();
    }

    private static List<Map.Entry<Long, Double>> thin(Map<Long, Double> losses) {
        List<Map.Entry<Long, Double>> all = new ArrayList<>(losses.entrySet());
        int stride = Math.max(1, (all.size() + POINTS - 1) / POINTS);
        int last = all.size() - 1;
        return IntStream.rangeClosed(0, last)
                .filter(i -> i % stride == 0 || i == last)
                .mapToObj(all::get)
                .toList();
    }

    private static List<LineChart.Mark> marks(Emergence emergence, boolean labelled) {
        return emergence.dimensions().stream()
                .filter(dimension -> dimension.emergenceStep() != null)
                .limit(8)
                .map(dimension -> new LineChart.Mark(
                        dimension.emergenceStep(), labelled ? Integer.toString(dimension.dimension()) : null))
                .toList();
    }

    /**
     * A lane for each site and notable dimension that is beyond the threshold there at the end, a bar for the weight
     * and one for the bias.
     *
     * @return the chart, or nothing if no dimension is beyond anywhere
     */
    public static Optional<Figure> lanes(String run, Emergence emergence) {
        List<LaneChart.Lane> lanes = new ArrayList<>();
        for (int dimension : notable(emergence)) {
            emergence.departures().stream()
                    .filter(departure -> departure.dimension() == dimension)
                    .limit(MOST_LANES)
                    .forEach(departure -> lanes.add(new LaneChart.Lane(
                            dimension + "  " + departure.site(),
                            List.of(
                                    bar(departure.weightFirst(), departure.weightStep()),
                                    bar(departure.biasFirst(), departure.biasStep())))));
        }
        if (lanes.isEmpty()) {
            return Optional.empty();
        }
        Panel chart = LaneChart.of(
                "step",
                (double) emergence.firstStep(),
                (double) emergence.lastStep(),
                List.of("weight", "bias"),
                lanes,
                marks(emergence, false),
                "the dimension satisfies the rule from here to the end");
        return Optional.of(new Figure(
                "Where outlier dimensions emerge: " + run,
                "When weight and bias of a dimension went beyond "
                        + emergence.rule().sigma() + " standard deviations, by dimension and site",
                chart));
    }

    private static LaneChart.Bar bar(Long first, Long lasting) {
        return new LaneChart.Bar(first == null ? Double.NaN : first, lasting == null ? Double.NaN : lasting);
    }

    private static List<Integer> notable(Emergence emergence) {
        Map<Integer, Double> mostExtreme = new TreeMap<>();
        emergence
                .departures()
                .forEach(departure -> mostExtreme.merge(departure.dimension(), departure.extremity(), Math::max));
        Set<Integer> emerged = emergence.dimensions().stream()
                .filter(dimension -> dimension.emergenceStep() != null)
                .map(EmergedDimension::dimension)
                .collect(Collectors.toSet());
        return (emerged.isEmpty() ? mostExtreme.keySet() : emerged)
                .stream()
                        .sorted(Comparator.comparingDouble(
                                (Integer dimension) -> -mostExtreme.getOrDefault(dimension, 0.0)))
                        .limit(NOTABLE)
                        .toList();
    }
}
