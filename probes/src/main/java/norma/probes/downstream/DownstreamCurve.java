package norma.probes.downstream;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import norma.datasets.json.JsonFile;
import norma.probes.ablation.AblationJson;
import norma.probes.ablation.AblationPlace;
import norma.probes.ablation.NamedChoices;
import norma.probes.emergence.EmergedDimension;
import norma.probes.evaluation.TaskEvaluation;
import norma.probes.files.ProbeFiles;
import norma.trainer.figure.Figure;
import norma.trainer.figure.FigureWidth;
import norma.trainer.figure.LineChart;
import norma.trainer.finetuning.FinetuningSummary.Spread;
import norma.trainer.run.MetricsLog;

/**
 * The score of a task against the step of pre-training.
 *
 * @param run the pre-training run's name
 * @param evaluation how the models were scored
 * @param place where they were ablated
 * @param emerged dimensions that emerged in the run, by the paper's rule
 * @param points by step, ascending
 */
public record DownstreamCurve(
        String run,
        TaskEvaluation evaluation,
        AblationPlace place,
        List<EmergedDimension> emerged,
        List<DownstreamPoint> points) {
    private static final String FILE = ProbeFiles.ALONG_RUN;

    public DownstreamCurve {
        emerged = emerged.stream()
                .filter(dimension -> dimension.emergenceStep() != null)
                .toList();
        points = List.copyOf(points);
    }

    /** Writes {@code along-run.json} and the figure of that name, as wide on paper as is said. */
    public void write(Path folder, ObjectNode json, FigureWidth width) throws IOException {
        JsonFile.write(new ProbeFiles(folder).json(FILE), json);
        figure().write(folder, FILE, width);
    }

    /** {@code task}, {@code headline}, {@code evaluation}, {@code emergence}, {@code checkpoints}. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("task", points.get(0).summary().task().name());
        json.put("headline", evaluation.headline());
        json.set("evaluation", evaluation.describe());
        ArrayNode emergence = json.putArray("emergence");
        for (EmergedDimension dimension : emerged) {
            emergence
                    .addObject()
                    .put("dimension", dimension.dimension())
                    .put("emergence_step", dimension.emergenceStep());
        }
        AblationJson each = new AblationJson(evaluation, place, points.get(0).sites());
        ArrayNode checkpoints = json.putArray("checkpoints");
        for (DownstreamPoint point : points) {
            ObjectNode entry = checkpoints.addObject();
            entry.put("step", point.step());
            entry.setAll(point.summary().json());
            ObjectNode ablation = entry.putObject("ablation");
            spreads(ablation.putObject("full"), score -> Optional.of(point.full(score)));
            ArrayNode ablations = ablation.putArray("ablations");
            for (String name : point.names()) {
                ObjectNode one = ablations.addObject().put("name", name);
                point.dimensions(name).forEach(one.putArray("dimensions")::add);
                spreads(one, score -> point.ablated(name, score));
            }
            ArrayNode baselines = ablation.putArray("baselines");
            for (String others : point.baselines()) {
                spreads(baselines.addObject().put("others", others), score -> point.baseline(others, score));
            }
            ArrayNode seeds = ablation.putArray("seeds");
            point.seeds().forEach(seed -> seeds.add(each.of(seed)));
        }
        return json;
    }

    private void spreads(ObjectNode json, Function<String, Optional<Spread>> of) {
        for (String score : evaluation.summarized()) {
            of.apply(score).ifPresent(spread -> {
                MetricsLog.put(json, score + "_mean", spread.mean());
                MetricsLog.put(json, score + "_std", spread.deviation());
            });
        }
    }

    /** The headline score: whole, without each choice of dimensions, without others, and by the majority label. */
    private Figure figure() {
        DownstreamPoint first = points.get(0);
        return chart(evaluation.headline())
                .figure(
                        first.summary().task().name() + " after fine-tuning, against the step of pre-training",
                        String.format(
                                Locale.ROOT,
                                "%s; %s; %s",
                                run,
                                first.seeds().size() == 1
                                        ? "one seed"
                                        : "mean ± sample standard deviation of "
                                                + first.seeds().size() + " seeds",
                                emerged.isEmpty()
                                        ? "no dimension emerges by the paper's rule"
                                        : "vertical lines: an outlier dimension emerges"));
    }

    private LineChart chart(String score) {
        LineChart chart = LineChart.of("", "step of pre-training", score, false);
        double[] steps = points.stream().mapToDouble(DownstreamPoint::step).toArray();
        Lines full = lines(point -> Optional.of(point.full(score)));
        chart.referenceSpread("whole model", steps, full.mean(), full.low(), full.high());
        Set<String> names = new LinkedHashSet<>();
        points.forEach(point -> names.addAll(point.names()));
        for (String name : names) {
            Lines ablated = lines(point -> point.ablated(name, score));
            if (ablated.any()) {
                chart.spread(
                        "without "
                                + NamedChoices.words(
                                        name,
                                        points.stream()
                                                .map(point -> point.dimensions(name))
                                                .toList()),
                        steps,
                        ablated.mean(),
                        ablated.low(),
                        ablated.high());
            }
        }
        Set<String> baselines = new LinkedHashSet<>();
        points.forEach(point -> baselines.addAll(point.baselines()));
        for (String others : baselines) {
            Lines draws = lines(point -> point.baseline(others, score));
            chart.band(
                    "without " + others + ", all draws of all seeds", steps, draws.mean(), draws.low(), draws.high());
        }
        if (!Double.isNaN(evaluation.majority())) {
            chart.level("most frequent label", steps, evaluation.majority());
        }
        return chart.marks(emerged.stream()
                .map(dimension -> new LineChart.Mark(dimension.emergenceStep(), "dimension " + dimension.dimension()))
                .toList());
    }

    @SuppressWarnings("ArrayRecordComponent") // drawn and forgotten
    private record Lines(double[] mean, double[] low, double[] high) {
        boolean any() {
            return Arrays.stream(mean).anyMatch(value -> !Double.isNaN(value));
        }
    }

    private Lines lines(Function<DownstreamPoint, Optional<Spread>> of) {
        Lines lines = new Lines(new double[points.size()], new double[points.size()], new double[points.size()]);
        for (int i = 0; i < points.size(); i++) {
            Optional<Spread> spread = of.apply(points.get(i));
            double mean = spread.map(Spread::mean).orElse(Double.NaN);
            double deviation = spread.map(Spread::deviation)
                    .filter(value -> !Double.isNaN(value)) // one value is drawn as a line alone
                    .orElse(0.0);
            lines.mean()[i] = mean;
            lines.low()[i] = mean - deviation;
            lines.high()[i] = mean + deviation;
        }
        return lines;
    }
}
