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
import org.jfree.chart.ui.Layer;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** A point for each dimension of the hidden vector, some of them named (figure 2 of Kovaleva et al. 2021). */
public final class DimensionChart {
    private static final Shape SMALL = new Ellipse2D.Double(-2, -2, 4, 4);
    private static final Shape LARGE = ChartStyle.marker(3);

    private DimensionChart() {}

    /**
     * A chart.
     *
     * @param y label of the values, with their unit
     * @param values one a dimension
     * @param named dimensions that are drawn larger and with their number
     * @param namedLabel what those are
     * @param reference a value drawn as a line across
     * @param referenceLabel what that is
     */
    public static Panel of(
            String y,
            double[] values,
            List<Integer> named,
            String namedLabel,
            double reference,
            String referenceLabel) {
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
        Color colour = ChartStyle.colour(0);
        plot.setDataset(0, new XYSeriesCollection(others));
        plot.setRenderer(0, points(ChartStyle.BLUE_GREY, SMALL));
        plot.setDataset(1, new XYSeriesCollection(marked));
        plot.setRenderer(1, points(colour, LARGE));
        for (int d : named) {
            boolean left = d > values.length * 0.85;
            XYTextAnnotation label = new XYTextAnnotation(left ? d + "  " : "  " + d, d, values[d]);
            label.setFont(ChartStyle.SMALL);
            label.setTextAnchor(left ? TextAnchor.CENTER_RIGHT : TextAnchor.CENTER_LEFT);
            plot.addAnnotation(label);
        }
        plot.addRangeMarker(new ValueMarker(reference, Color.BLACK, ChartStyle.DASHED), Layer.BACKGROUND);
        LegendItemCollection legend = new LegendItemCollection();
        legend.add(ChartStyle.point("a dimension", ChartStyle.BLUE_GREY, SMALL));
        if (!named.isEmpty()) {
            legend.add(ChartStyle.point(namedLabel, colour, LARGE));
        }
        legend.add(ChartStyle.item(referenceLabel, Color.BLACK, ChartStyle.DASHED));
        return new Panel(ChartStyle.chart("", plot, legend), width -> Math.max(190, Math.min(340, 0.55 * width)));
    }

    private static XYLineAndShapeRenderer points(Color colour, Shape shape) {
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(false, true);
        renderer.setSeriesPaint(0, colour);
        renderer.setSeriesShape(0, shape);
        return renderer;
    }
}
