package norma.trainer.figure;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import norma.trainer.figure.Highlights.Highlight;
import norma.trainer.figure.SiteTrajectory.Vectors;
import norma.trainer.figure.ThinnedSeries.Point;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;

/** Three panels over a common step axis, as in the paper's figure 3: loss, LayerNorm weight, LayerNorm bias. */
final class TrajectoryChart {
    private static final Color OTHERS = new Color(120, 120, 120, 70);
    private static final Color TRAINING = new Color(0x56, 0x74, 0x9a);
    private static final Color VALIDATION = Color.BLACK;
    /** Told apart by colour-blind readers too (Okabe and Ito 2008), black and the pale yellow left out. */
    private static final Color[] COLOURS = {
        new Color(0xd5, 0x5e, 0x00), new Color(0x00, 0x72, 0xb2), new Color(0x00, 0x9e, 0x73),
        new Color(0xcc, 0x79, 0xa7), new Color(0xe6, 0x9f, 0x00), new Color(0x56, 0xb4, 0xe9),
        new Color(0x7a, 0x3e, 0x9d), new Color(0x8b, 0x5a, 0x2b)
    };

    private static final Stroke THIN = line(0.5f);
    private static final Stroke MEDIUM = line(1.2f);
    private static final Stroke THICK = line(1.9f);
    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 18);
    private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
    private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    private static final Shape SWATCH = new Line2D.Double(-10, 0, 10, 0);
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
        NumberAxis steps = axis("step");
        steps.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        steps.setLowerMargin(0.01);
        steps.setUpperMargin(0.02);
        CombinedDomainXYPlot panels = new CombinedDomainXYPlot(steps);
        panels.setGap(14);
        panels.add(lossPanel(losses), 4);
        panels.add(linesPanel("LayerNorm weight", points, Vectors::weight, highlights, othersLimit), 5);
        panels.add(linesPanel("LayerNorm bias", points, Vectors::bias, highlights, othersLimit), 5);
        int hidden = points.isEmpty() ? 0 : points.get(0).value().weight().length;
        panels.setFixedLegendItems(legend(losses, hidden, highlights));
        JFreeChart chart = new JFreeChart(title, TITLE, panels, false);
        chart.setBackgroundPaint(Color.WHITE);
        chart.getTitle().setMargin(8, 0, 0, 0);
        TextTitle second = new TextTitle(subtitle, TEXT);
        second.setMargin(2, 0, 6, 0);
        chart.addSubtitle(second);
        LegendTitle legend = new LegendTitle(panels);
        legend.setPosition(RectangleEdge.BOTTOM);
        legend.setItemFont(TEXT);
        legend.setLegendItemGraphicPadding(new RectangleInsets(3, 12, 3, 4));
        legend.setMargin(2, 20, 10, 20);
        chart.addSubtitle(legend);
        chart.setAntiAlias(true);
        chart.setTextAntiAlias(true);
        chart.getRenderingHints().put(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        return chart;
    }

    private static XYPlot lossPanel(LossCurve losses) {
        XYPlot panel = panel("loss (nats)");
        XYLineAndShapeRenderer training = lines(MEDIUM);
        training.setSeriesPaint(0, TRAINING);
        panel.setDataset(0, line(losses.training()));
        panel.setRenderer(0, training);
        XYLineAndShapeRenderer validation = lines(MEDIUM);
        validation.setSeriesPaint(0, VALIDATION);
        validation.setSeriesShape(0, DOT);
        validation.setSeriesShapesVisible(0, losses.validation().points().size() <= 60);
        panel.setDataset(1, line(losses.validation()));
        panel.setRenderer(1, validation);
        return panel;
    }

    private static XYPlot linesPanel(
            String label,
            List<Point<Vectors>> points,
            Function<Vectors, float[]> vector,
            Highlights highlights,
            int othersLimit) {
        XYPlot panel = panel(label);
        int hidden = points.isEmpty() ? 0 : vector.apply(points.get(0).value()).length;
        int[] all = new int[hidden];
        java.util.Arrays.setAll(all, d -> d);
        XYLineAndShapeRenderer others = lines(THIN);
        others.setDefaultPaint(OTHERS);
        others.setAutoPopulateSeriesPaint(false);
        panel.setDataset(0, dataset(thin(points, othersLimit), vector, all));
        panel.setRenderer(0, others);
        XYLineAndShapeRenderer coloured = lines(THICK);
        List<Highlight> shown = highlights.dimensions();
        for (int i = 0; i < shown.size(); i++) {
            coloured.setSeriesPaint(i, COLOURS[i]);
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
        NumberAxis values = axis(label);
        values.setAutoRangeIncludesZero(false);
        XYPlot panel = new XYPlot(null, null, values, null);
        panel.setBackgroundPaint(Color.WHITE);
        panel.setDomainGridlinePaint(new Color(225, 225, 225));
        panel.setRangeGridlinePaint(new Color(225, 225, 225));
        panel.setDomainGridlineStroke(line(0.8f));
        panel.setRangeGridlineStroke(line(0.8f));
        panel.setOutlinePaint(new Color(150, 150, 150));
        panel.setDatasetRenderingOrder(DatasetRenderingOrder.FORWARD);
        return panel;
    }

    private static NumberAxis axis(String label) {
        NumberAxis axis = new NumberAxis(label);
        axis.setLabelFont(TEXT);
        axis.setTickLabelFont(SMALL);
        return axis;
    }

    private static XYLineAndShapeRenderer lines(Stroke stroke) {
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
        renderer.setDrawSeriesLineAsPath(true);
        renderer.setDefaultStroke(stroke);
        renderer.setAutoPopulateSeriesStroke(false);
        return renderer;
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

    private static LegendItemCollection legend(LossCurve losses, int hidden, Highlights highlights) {
        LegendItemCollection items = new LegendItemCollection();
        items.add(item("training loss", TRAINING, MEDIUM));
        if (!losses.validation().points().isEmpty()) {
            items.add(item("validation loss", VALIDATION, MEDIUM));
        }
        List<Highlight> shown = highlights.dimensions();
        String more = highlights.more() == 0 ? "" : ", " + highlights.more() + " more outliers among them";
        items.add(item(
                (hidden - shown.size()) + " " + (shown.isEmpty() ? "" : "other ") + "dimensions" + more,
                new Color(120, 120, 120),
                MEDIUM));
        for (int i = 0; i < shown.size(); i++) {
            items.add(item(shown.get(i).label(), COLOURS[i], THICK));
        }
        return items;
    }

    private static LegendItem item(String label, Color colour, Stroke stroke) {
        return new LegendItem(label, null, null, null, SWATCH, stroke, colour);
    }

    private static Stroke line(float width) {
        return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND);
    }
}
