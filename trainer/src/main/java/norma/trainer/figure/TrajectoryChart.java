package norma.trainer.figure;

import java.awt.Color;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.Ellipse2D;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import norma.trainer.figure.Highlights.Highlight;
import norma.trainer.figure.SiteTrajectory.Vectors;
import norma.trainer.figure.ThinnedSeries.Point;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleInsets;

/**
 * Three panels over a common step axis, as in the paper's figure 3: loss, LayerNorm weight, LayerNorm bias. A vector
 * that the site lacks has no panel.
 */
final class TrajectoryChart {
    private static final Shape DOT = new Ellipse2D.Double(-2.5, -2.5, 5, 5);

    private TrajectoryChart() {}

    /**
     * @param title the picture's first line
     * @param subtitle its second line
     * @param points of the LayerNorm panels
     * @param othersLimit at most so many points for each line that is not highlighted
     */
    static JFreeChart of(
            String title,
            String subtitle,
            LossCurve losses,
            List<Point<Vectors>> points,
            Highlights highlights,
            int othersLimit) {
        CombinedDomainXYPlot panels = new CombinedDomainXYPlot(stepAxis());
        panels.setGap(14);
        panels.add(lossPanel(losses), 4);
        if (has(points, Vectors::weight)) {
            panels.add(linesPanel("LayerNorm weight", points, Vectors::weight, highlights, othersLimit), 5);
        }
        if (has(points, Vectors::bias)) {
            panels.add(linesPanel("LayerNorm bias", points, Vectors::bias, highlights, othersLimit), 5);
        }
        return ChartStyle.chart(title, subtitle, panels, legend(losses, points, highlights));
    }

    /**
     * The same three, each by itself: (a) with the perplexity on a second axis, (b), (c).
     *
     * @param width of a panel in pixels
     * @param height of a panel in pixels
     */
    static List<Figure> panels(
            LossCurve losses,
            List<Point<Vectors>> points,
            Highlights highlights,
            int othersLimit,
            int width,
            int height) {
        XYPlot loss = lossPanel(losses);
        boolean evaluated = !losses.validation().points().isEmpty();
        if (evaluated) {
            loss.setRangeAxis(1, TicksAxis.perplexity(loss.getRangeAxis().getRange()));
        }
        List<Figure> panels = new ArrayList<>();
        panels.add(alone(evaluated ? "(a) Loss and perplexity" : "(a) Loss", loss, width, height));
        if (has(points, Vectors::weight)) {
            XYPlot weight = linesPanel("LayerNorm weight", points, Vectors::weight, highlights, othersLimit);
            panels.add(alone("(b) LayerNorm weights", weight, width, height));
        }
        if (has(points, Vectors::bias)) {
            XYPlot bias = linesPanel("LayerNorm bias", points, Vectors::bias, highlights, othersLimit);
            panels.add(alone("(c) LayerNorm biases", bias, width, height));
        }
        return panels;
    }

    private static boolean has(List<Point<Vectors>> points, Function<Vectors, float[]> vector) {
        return points.isEmpty() || vector.apply(points.get(0).value()) != null;
    }

    private static Figure alone(String title, XYPlot panel, int width, int height) {
        panel.setDomainAxis(stepAxis());
        panel.setInsets(new RectangleInsets(4, 8, 4, 28)); // room for the last step's label
        NumberAxis values = (NumberAxis) panel.getRangeAxis();
        values.setTickUnit(ChartStyle.roundTicks(values.getRange().getLength()));
        return new Figure(ChartStyle.chart(title, "", panel, new LegendItemCollection()), width, height);
    }

    private static NumberAxis stepAxis() {
        NumberAxis steps = ChartStyle.countAxis("step");
        steps.setAutoRangeIncludesZero(true);
        return steps;
    }

    private static XYPlot lossPanel(LossCurve losses) {
        XYPlot panel = panel("loss (nats)");
        XYLineAndShapeRenderer training = ChartStyle.lines(ChartStyle.MEDIUM);
        training.setSeriesPaint(0, ChartStyle.BLUE_GREY);
        panel.setDataset(0, line(losses.training()));
        panel.setRenderer(0, training);
        XYLineAndShapeRenderer validation = ChartStyle.lines(ChartStyle.MEDIUM);
        validation.setSeriesPaint(0, Color.BLACK);
        validation.setSeriesShape(0, DOT);
        validation.setSeriesShapesVisible(0, losses.validation().points().size() <= 60);
        panel.setDataset(1, line(losses.validation()));
        panel.setRenderer(1, validation);
        level(panel, 2, losses.unigram(), ChartStyle.DOTTED);
        level(panel, 3, losses.contextFree(), ChartStyle.DASHED);
        return panel;
    }

    private static void level(XYPlot panel, int index, ThinnedSeries<Double> level, Stroke stroke) {
        if (!level.points().isEmpty()) {
            XYLineAndShapeRenderer renderer = ChartStyle.lines(stroke);
            renderer.setSeriesPaint(0, ChartStyle.GREY);
            panel.setDataset(index, line(level));
            panel.setRenderer(index, renderer);
        }
    }

    private static XYPlot linesPanel(
            String label,
            List<Point<Vectors>> points,
            Function<Vectors, float[]> vector,
            Highlights highlights,
            int othersLimit) {
        XYPlot panel = panel(label);
        int[] all = new int[points.isEmpty() ? 0 : vector.apply(points.get(0).value()).length];
        java.util.Arrays.setAll(all, d -> d);
        XYLineAndShapeRenderer others = ChartStyle.lines(ChartStyle.THIN);
        others.setDefaultPaint(ChartStyle.FAINT_GREY);
        others.setAutoPopulateSeriesPaint(false);
        panel.setDataset(0, dataset(thin(points, othersLimit), vector, all));
        panel.setRenderer(0, others);
        XYLineAndShapeRenderer coloured = ChartStyle.lines(ChartStyle.THICK);
        List<Highlight> shown = highlights.dimensions();
        for (int i = 0; i < shown.size(); i++) {
            coloured.setSeriesPaint(i, ChartStyle.COLOURS.get(i));
        }
        panel.setDataset(
                1,
                dataset(
                        points,
                        vector,
                        shown.stream().mapToInt(Highlight::dimension).toArray()));
        panel.setRenderer(1, coloured);
        return panel;
    }

    private static XYPlot panel(String label) {
        NumberAxis values = ChartStyle.axis(label);
        values.setAutoRangeIncludesZero(false);
        return ChartStyle.panel(null, values);
    }

    private static LinesDataset line(ThinnedSeries<Double> series) {
        List<Point<Double>> points = series.points();
        float[] values = new float[points.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = points.get(i).value().floatValue();
        }
        return new LinesDataset(points.stream().mapToDouble(Point::step).toArray(), new float[][] {values});
    }

    private static LinesDataset dataset(
            List<Point<Vectors>> points, Function<Vectors, float[]> vector, int[] dimensions) {
        float[][] lines = new float[dimensions.length][points.size()];
        for (int at = 0; at < points.size(); at++) {
            float[] values = vector.apply(points.get(at).value());
            for (int i = 0; i < dimensions.length; i++) {
                lines[i][at] = values[dimensions[i]];
            }
        }
        return new LinesDataset(points.stream().mapToDouble(Point::step).toArray(), lines);
    }

    private static List<Point<Vectors>> thin(List<Point<Vectors>> points, int limit) {
        int stride = Math.max(1, (points.size() + limit - 1) / limit);
        List<Point<Vectors>> kept = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            if (i % stride == 0 || i == points.size() - 1) {
                kept.add(points.get(i));
            }
        }
        return kept;
    }

    static LegendItemCollection legend(LossCurve losses, List<Point<Vectors>> points, Highlights highlights) {
        int width = points.isEmpty() ? 0 : points.get(0).value().width();
        LegendItemCollection items = new LegendItemCollection();
        items.add(ChartStyle.item("training loss", ChartStyle.BLUE_GREY, ChartStyle.MEDIUM));
        if (!losses.validation().points().isEmpty()) {
            items.add(ChartStyle.item("validation loss", Color.BLACK, ChartStyle.MEDIUM));
        }
        if (!losses.unigram().points().isEmpty()) {
            items.add(ChartStyle.item("best constant prediction", ChartStyle.GREY, ChartStyle.DOTTED));
        }
        if (!losses.contextFree().points().isEmpty()) {
            items.add(ChartStyle.item("best without context", ChartStyle.GREY, ChartStyle.DASHED));
        }
        List<Highlight> shown = highlights.dimensions();
        String more = highlights.more() == 0 ? "" : ", " + highlights.more() + " more outliers among them";
        items.add(ChartStyle.item(
                (width - shown.size()) + " " + (shown.isEmpty() ? "" : "other ") + "dimensions" + more,
                ChartStyle.GREY,
                ChartStyle.MEDIUM));
        for (int i = 0; i < shown.size(); i++) {
            items.add(ChartStyle.item(shown.get(i).label(), ChartStyle.COLOURS.get(i), ChartStyle.THICK));
        }
        return items;
    }
}
