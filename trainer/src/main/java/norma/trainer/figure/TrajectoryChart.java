package norma.trainer.figure;

import java.awt.Color;
import java.awt.Shape;
import java.awt.Stroke;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.trainer.figure.Highlights.Highlight;
import norma.trainer.figure.SiteTrajectory.Vectors;
import norma.trainer.figure.ThinnedSeries.Point;
import norma.trainer.layernorm.Part;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;

/**
 * The panels of the paper's figure 3: loss, LayerNorm weights, LayerNorm biases. A vector that the site lacks has none.
 */
final class TrajectoryChart {
    private static final Shape DOT = ChartStyle.marker(0);
    private static final int DOTS_UP_TO = 60;
    private static final List<String> LETTERS = List.of("(a) ", "(b) ", "(c) ");

    private final LossCurve losses;
    private final List<Point<Vectors>> points;
    private final Highlights highlights;
    private final SiteDescription site;
    private final int othersLimit;

    /**
     * @param points of the panels of weights and biases
     * @param othersLimit at most so many points for each line that is not highlighted
     */
    TrajectoryChart(
            LossCurve losses,
            List<Point<Vectors>> points,
            Highlights highlights,
            SiteDescription site,
            int othersLimit) {
        this.losses = losses;
        this.points = points;
        this.highlights = highlights;
        this.site = site;
        this.othersLimit = othersLimit;
    }

    /** The panels, headed (a), (b), (c), all over the same steps. */
    List<Panel> panels() {
        List<Panel> panels = new ArrayList<>();
        boolean evaluated = !losses.validation().points().isEmpty();
        XYPlot loss = lossPlot();
        if (evaluated) {
            loss.setRangeAxis(1, TicksAxis.perplexity(loss.getRangeAxis().getRange()));
        }
        panels.add(panel(LETTERS.get(0) + (evaluated ? "Loss and perplexity" : "Loss"), loss, lossLegend()));
        for (Part part : Part.values()) {
            if (has(part)) {
                String letter = LETTERS.get(panels.size());
                panels.add(panel(letter + site.heading(part), linesPlot(part), linesLegend(part)));
            }
        }
        return panels;
    }

    private boolean has(Part part) {
        return points.isEmpty() || vector(points.get(0).value(), part) != null;
    }

    private static float[] vector(Vectors vectors, Part part) {
        return part == Part.WEIGHT ? vectors.weight() : vectors.bias();
    }

    private Panel panel(String heading, XYPlot plot, LegendItemCollection legend) {
        double last = Math.max(
                points.stream().mapToDouble(Point::step).max().orElse(0),
                losses.training().points().stream()
                        .mapToDouble(Point::step)
                        .max()
                        .orElse(0));
        last = Math.max(1, last);
        NumberAxis steps = ChartStyle.countAxis("step");
        steps.setRange(-0.01 * last, (1 + LineEndLabels.MARGIN) * last);
        plot.setDomainAxis(steps);
        NumberAxis values = (NumberAxis) plot.getRangeAxis();
        values.setTickUnit(ChartStyle.roundTicks(values.getRange().getLength()));
        return new Panel(ChartStyle.chart(heading, plot, legend), TrajectoryChart::height);
    }

    /** Of the axes, in units. */
    private static double height(double width) {
        return Math.max(175, Math.min(225, 0.45 * width));
    }

    private XYPlot lossPlot() {
        XYPlot plot = plot("loss (nats)");
        XYLineAndShapeRenderer training = ChartStyle.lines(ChartStyle.MEDIUM);
        training.setSeriesPaint(0, ChartStyle.BLUE_GREY);
        plot.setDataset(0, line(losses.training()));
        plot.setRenderer(0, training);
        XYLineAndShapeRenderer validation = ChartStyle.lines(ChartStyle.THICK);
        validation.setSeriesPaint(0, Color.BLACK);
        validation.setSeriesShape(0, DOT);
        validation.setSeriesShapesVisible(0, validationDots());
        plot.setDataset(1, line(losses.validation()));
        plot.setRenderer(1, validation);
        level(plot, 2, losses.unigram(), ChartStyle.DOTTED);
        level(plot, 3, losses.contextFree(), ChartStyle.DASHED);
        return plot;
    }

    private boolean validationDots() {
        return losses.validation().points().size() <= DOTS_UP_TO;
    }

    private static void level(XYPlot panel, int index, ThinnedSeries<Double> level, Stroke stroke) {
        if (!level.points().isEmpty()) {
            XYLineAndShapeRenderer renderer = ChartStyle.lines(stroke);
            renderer.setSeriesPaint(0, ChartStyle.GREY);
            panel.setDataset(index, line(level));
            panel.setRenderer(index, renderer);
        }
    }

    private XYPlot linesPlot(Part part) {
        XYPlot plot = plot(site.axis(part));
        int[] all = new int[points.isEmpty() ? 0 : vector(points.get(0).value(), part).length];
        Arrays.setAll(all, d -> d);
        XYLineAndShapeRenderer others = ChartStyle.lines(ChartStyle.THIN);
        others.setDefaultPaint(ChartStyle.FAINT_GREY);
        others.setAutoPopulateSeriesPaint(false);
        plot.setDataset(0, dataset(thin(points, othersLimit), part, all));
        plot.setRenderer(0, others);
        XYLineAndShapeRenderer coloured = ChartStyle.lines(ChartStyle.THICK);
        LineEndLabels ends = new LineEndLabels();
        List<Highlight> shown = highlights.dimensions();
        for (int i = 0; i < shown.size(); i++) {
            int dimension = shown.get(i).dimension();
            coloured.setSeriesPaint(i, ChartStyle.colour(i));
            coloured.setSeriesStroke(i, ChartStyle.pattern(i, 1.7f));
            Point<Vectors> last = points.get(points.size() - 1);
            float end = vector(last.value(), part)[dimension];
            ends.add(Integer.toString(dimension), (double) last.step(), end, ChartStyle.colour(i));
        }
        plot.setDataset(
                1,
                dataset(
                        points,
                        part,
                        shown.stream().mapToInt(Highlight::dimension).toArray()));
        plot.setRenderer(1, coloured);
        plot.addAnnotation(ends);
        return plot;
    }

    private static XYPlot plot(String label) {
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

    private static LinesDataset dataset(List<Point<Vectors>> points, Part part, int[] dimensions) {
        float[][] lines = new float[dimensions.length][points.size()];
        for (int at = 0; at < points.size(); at++) {
            float[] values = vector(points.get(at).value(), part);
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

    private LegendItemCollection lossLegend() {
        LegendItemCollection items = new LegendItemCollection();
        items.add(ChartStyle.item("training loss", ChartStyle.BLUE_GREY, ChartStyle.MEDIUM));
        if (!losses.validation().points().isEmpty()) {
            items.add(
                    validationDots()
                            ? ChartStyle.item("validation loss", Color.BLACK, ChartStyle.THICK, DOT)
                            : ChartStyle.item("validation loss", Color.BLACK, ChartStyle.THICK));
        }
        if (!losses.unigram().points().isEmpty()) {
            items.add(ChartStyle.item("best constant prediction", ChartStyle.GREY, ChartStyle.DOTTED));
        }
        if (!losses.contextFree().points().isEmpty()) {
            items.add(ChartStyle.item("best without context", ChartStyle.GREY, ChartStyle.DASHED));
        }
        return items;
    }

    private LegendItemCollection linesLegend(Part part) {
        LegendItemCollection items = new LegendItemCollection();
        List<Highlight> shown = highlights.dimensions();
        for (int i = 0; i < shown.size(); i++) {
            items.add(ChartStyle.item(
                    shown.get(i).label(part, highlights.areOutliers()),
                    ChartStyle.colour(i),
                    ChartStyle.pattern(i, 1.7f)));
        }
        int width = points.isEmpty() ? 0 : points.get(0).value().width();
        String more = highlights.more() == 0 ? "" : ", " + highlights.more() + " more outliers among them";
        items.add(ChartStyle.item(
                (width - shown.size()) + " " + (shown.isEmpty() ? "" : "other ") + "dimensions" + more,
                ChartStyle.GREY,
                ChartStyle.THIN));
        return items;
    }
}
