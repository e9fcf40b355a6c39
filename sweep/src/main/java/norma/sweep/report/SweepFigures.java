package norma.sweep.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import norma.datasets.base.Counted;
import norma.sweep.plan.SweepPlan;
import norma.sweep.plan.SweepPoint;
import norma.trainer.figure.Figure;
import norma.trainer.figure.FigureWidth;
import norma.trainer.figure.RepetitionChart;

/** Onset and cost against the swept value, a dot for each seed. */
final class SweepFigures {
    private static final String SPREAD = "a dot: one seed; square and bar: mean and one sample standard deviation";

    private final SweepResult result;
    private final List<SweepPoint> points;

    SweepFigures(SweepResult result) {
        this.result = result;
        points = result.plan().points();
    }

    /** Writes {@code onset} and {@code cost}, each as PDF, SVG and PNG. */
    void write(Path folder) throws IOException {
        onset().write(folder, "onset", FigureWidth.TWO_COLUMNS);
        cost().write(folder, "cost", FigureWidth.TWO_COLUMNS);
    }

    private Figure onset() {
        RepetitionChart chart = chart("Onset of outlier dimensions", "step", 3);
        series(chart, "by the paper's rule to the end", RunResult::ruleStep);
        series(chart, "beyond 3 standard deviations in some layer to the end", RunResult::departureStep);
        series(chart, "a tenth of the final cost", RunResult::t10);
        return chart.figure();
    }

    private Figure cost() {
        RepetitionChart chart = chart("What a model loses at the end of training", "rise of the loss (nats)", 2);
        series(chart, "without the run's own dimensions", RunResult::ownCost);
        series(chart, "without as many others at random", RunResult::randomCost);
        return chart.figure();
    }

    private RepetitionChart chart(String title, String y, int kinds) {
        SweepPlan plan = result.plan();
        List<String> places = points.stream().map(SweepTable::label).toList();
        boolean single = plan.swept().size() == 1;
        String x = single ? plan.swept().get(0) : "point";
        return RepetitionChart.of(
                title + ", sweep " + plan.name(), SPREAD, x, places, single && numbers(places), y, kinds);
    }

    /** Whether the places are numbers, which have an order. */
    private static boolean numbers(List<String> places) {
        return places.stream().allMatch(place -> place.matches("-?[0-9.]+([eE]-?[0-9]+)?"));
    }

    private void series(RepetitionChart chart, String name, Function<RunResult, ? extends Number> figure) {
        int without = 0;
        int all = 0;
        double[][] values = new double[points.size()][];
        for (int i = 0; i < values.length; i++) {
            List<RunResult> runs = result.finished(points.get(i));
            values[i] = new double[runs.size()];
            for (int j = 0; j < values[i].length; j++) {
                Number value = figure.apply(runs.get(j));
                values[i][j] = value == null ? Double.NaN : value.doubleValue();
                without += value == null ? 1 : 0;
                all++;
            }
        }
        chart.series(
                without == 0 ? name : name + " (not in " + without + " of " + Counted.of(all, "run") + ")", values);
    }
}
