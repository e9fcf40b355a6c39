package norma.probes.ablation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import norma.datasets.json.JsonFile;
import norma.probes.evaluation.Evaluation;
import norma.probes.files.ProbeFiles;
import norma.trainer.figure.DimensionChart;
import norma.trainer.figure.Figure;
import norma.trainer.figure.FigureWidth;
import norma.trainer.figure.LineChart;

/** Writes results and their figures into a folder. */
public final class AblationFigures {
    private static final int NAMED = 3;

    private AblationFigures() {}

    /**
     * Writes the numbers, and of several checkpoints the curves over a run's steps.
     *
     * @param name of the result: {@link ProbeFiles#ABLATION}, or {@link ProbeFiles#ABLATION_LAST} of one checkpoint by
     *     itself, and what it may be called besides
     * @param width of the figure on paper
     */
    public static void write(
            Path folder,
            String name,
            ObjectNode result,
            List<CheckpointAblation> measured,
            Evaluation evaluation,
            FigureWidth width)
            throws IOException {
        write(folder, name, result);
        if (measured.size() > 1) {
            curves(measured, evaluation).write(folder, name, width);
        } else { // a chart of an earlier time must not stay beside these numbers
            Figure.delete(folder, name);
        }
    }

    /**
     * Writes the numbers of every dimension and the paper's figure 2.
     *
     * @param name of the result: {@link ProbeFiles#ABLATION_EACH}, and what it may be called besides
     * @param outliers the model's, by the paper's rule
     * @param width of the figure on paper
     */
    public static void writeScan(
            Path folder,
            String name,
            ObjectNode result,
            CheckpointAblation scanned,
            Evaluation evaluation,
            List<Integer> outliers,
            FigureWidth width)
            throws IOException {
        write(folder, name, result);
        String score = evaluation.headline();
        double full = scanned.full().get(score);
        double[] values = scanned.ablations().stream()
                .mapToDouble(single -> single.scores().get(score))
                .toArray();
        List<Integer> named = outliers;
        String words = "outlier by the paper's rule";
        if (outliers.isEmpty()) {
            words = "the " + NAMED + " that change it most, no outliers by the rule";
            named = scanned.ablations().stream()
                    .sorted(Comparator.comparingDouble(
                            single -> -Math.abs(single.scores().get(score) - full)))
                    .limit(NAMED)
                    .map(single -> single.dimensions().get(0))
                    .toList();
        }
        new Figure(
                        sentence(score) + " with one dimension switched off",
                        scanned.folder() + "; " + evaluation.words(),
                        DimensionChart.of(label(score), values, named, words, full, "whole model"))
                .write(folder, name, width);
    }

    private static void write(Path folder, String name, ObjectNode result) throws IOException {
        Files.createDirectories(folder);
        JsonFile.write(new ProbeFiles(folder).json(name), result);
    }

    /** The score along the run, and below it how far each line is from the whole model's. */
    private static Figure curves(List<CheckpointAblation> measured, Evaluation evaluation) {
        String score = evaluation.headline();
        double[] full = values(measured, c -> c.full().get(score));
        String unit = score.equals("loss") ? " (nats)" : "";
        LineChart scores = chart(measured, evaluation, "(a) " + sentence(score), label(score), new double[full.length]);
        LineChart changes =
                chart(measured, evaluation, "(b) Change by switching off", "change of " + score + unit, full);
        return LineChart.stacked(
                sentence(score) + " along pre-training, with dimensions switched off",
                evaluation.words(),
                List.of(scores, changes.zero()));
    }

    private static String sentence(String score) {
        return score.substring(0, 1).toUpperCase(Locale.ROOT) + score.substring(1);
    }

    /** @param subtracted the whole model's scores, or zeros; a whole model less itself is no line */
    private static LineChart chart(
            List<CheckpointAblation> measured,
            Evaluation evaluation,
            String heading,
            String label,
            double[] subtracted) {
        String score = evaluation.headline();
        double[] steps = values(measured, c -> c.step().orElse(0));
        LineChart chart = LineChart.of(heading, "step", label, false);
        Set<String> baselines = new LinkedHashSet<>();
        measured.forEach(c -> c.baselines().forEach(baseline -> baselines.add(baseline.others())));
        for (String others : baselines) {
            double[] mean = minus(values(measured, c -> baselineOf(c, others, b -> b.mean(score))), subtracted);
            double[] std = values(measured, c -> baselineOf(c, others, b -> b.std(score)));
            double[] low = new double[mean.length];
            double[] high = new double[mean.length];
            for (int i = 0; i < mean.length; i++) {
                low[i] = mean[i] - std[i];
                high[i] = mean[i] + std[i];
            }
            chart.band("without " + others + ", mean ± std", steps, mean, low, high);
        }
        double[] whole = minus(values(measured, c -> c.full().get(score)), subtracted);
        if (Arrays.stream(whole).anyMatch(value -> value != 0)) {
            chart.reference("whole model", steps, whole);
        }
        Set<String> names = new LinkedHashSet<>();
        measured.forEach(c -> c.ablations().forEach(result -> names.add(result.name())));
        for (String name : names) {
            double[] line = values(measured, c -> scoreOf(c, name, score));
            if (!Arrays.stream(line).allMatch(Double::isNaN)) {
                chart.line(legend(measured, name), steps, minus(line, subtracted));
            }
        }
        return chart;
    }

    private static double[] minus(double[] values, double[] subtracted) {
        double[] difference = new double[values.length];
        Arrays.setAll(difference, i -> values[i] - subtracted[i]);
        return difference;
    }

    private static String legend(List<CheckpointAblation> measured, String name) {
        return "without "
                + NamedChoices.words(
                        name,
                        measured.stream()
                                .flatMap(checkpoint -> checkpoint.ablations().stream())
                                .filter(result -> result.name().equals(name))
                                .map(AblationResult::dimensions)
                                .toList());
    }

    private static double scoreOf(CheckpointAblation checkpoint, String name, String score) {
        return checkpoint.ablations().stream()
                .filter(result ->
                        result.name().equals(name) && !result.dimensions().isEmpty())
                .mapToDouble(result -> result.scores().get(score))
                .findFirst()
                .orElse(Double.NaN);
    }

    private static double baselineOf(CheckpointAblation c, String others, ToDoubleFunction<BaselineResult> value) {
        return c.baselines().stream()
                .filter(baseline -> baseline.others().equals(others))
                .mapToDouble(value)
                .findFirst()
                .orElse(Double.NaN);
    }

    private static double[] values(List<CheckpointAblation> measured, ToDoubleFunction<CheckpointAblation> value) {
        return measured.stream().mapToDouble(value).toArray();
    }

    private static String label(String score) {
        return score.equals("loss") ? "loss (nats)" : score;
    }
}
