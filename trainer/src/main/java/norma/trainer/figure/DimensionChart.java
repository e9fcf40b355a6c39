package norma.trainer.figure;

import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.util.List;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** A point for each dimension of the hidden vector, some of them named (figure 2 of Kovaleva et al. 2021). */
public final class DimensionChart {
    private static final int WIDTH = 1100;
    private static final int HEIGHT = 560;
    private static final Shape SMALL = new Ellipse2D.Double(-2.5, -2.5, 5, 5);
    private static final Shape LARGE = new Ellipse2D.Double(-4.5, -4.5, 9, 9);

    private DimensionChart() {}

    /**
     * A chart.
     *
     * @param y label of the values, with their unit
     * @param values one a dimension
     * @param named dimensions that are drawn larger and with their number
     * @param namedWords what those are
     * @param reference a value drawn as a line across
     * @param referenceWords what that is
     */
    public static Figure of(
            String title,
            String subtitle,
            String y,
            double[] values,
            List<Integer> named,
            String namedWords,
            double reference,
            String referenceWords) {
        NumberAxis across = ChartStyle.countAxis("dimension");
        NumberAxis up = ChartStyle.axis(y);
        up.setAutoRangeIncludesZero(false);
        up.setUpperMargin(0.1);
        XYPlot plot = ChartStyle.panel(across, up);
        XYSeries others = new XYSeries("others");
        XYSeries marked = new XYSeries("named");
        for (int d = 0; d < values.length; d++) {
            (named.contains(d) ? marked : others).add(d, values[d]);
        }
        Color colour = ChartStyle.COLOURS.get(0);
        plot.setDataset(0, new XYSeriesCollection(others));
        plot.setRenderer(0, points(ChartStyle.BLUE_GREY, SMALL));
        plot.setDataset(1, new XYSeriesCollection(marked));
        plot.setRenderer(1, points(colour, LARGE));
        for (int d : named) {
            XYTextAnnotation label = new XYTextAnnotation("  " + d, d, values[d]);
            label.setFont(ChartStyle.TEXT);
            label.setTextAnchor(d > values.length * 0.9 ? TextAnchor.BOTTOM_RIGHT : TextAnchor.BOTTOM_LEFT);
            plot.addAnnotation(label);
        }
        plot.addRangeMarker(new ValueMarker(reference, Color.BLACK, ChartStyle.MEDIUM));
        LegendItemCollection legend = new LegendItemCollection();
        legend.add(ChartStyle.point("one dimension", ChartStyle.BLUE_GREY, SMALL));
        if (!named.isEmpty()) {
            legend.add(ChartStyle.point(namedWords, colour, LARGE));
        }
        legend.add(ChartStyle.item(referenceWords, Color.BLACK, ChartStyle.MEDIUM));
        return new Figure(ChartStyle.chart(title, subtitle, plot, legend), WIDTH, HEIGHT);
    }

    private static XYLineAndShapeRenderer points(Color colour, Shape shape) {
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(false, true);
        renderer.setSeriesPaint(0, colour);
        renderer.setSeriesShape(0, shape);
        return renderer;
    }
}
