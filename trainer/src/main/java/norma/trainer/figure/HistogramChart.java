package norma.trainer.figure;

import java.awt.Color;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.StandardXYBarPainter;
import org.jfree.chart.renderer.xy.XYBarRenderer;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.RectangleAnchor;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.statistics.HistogramDataset;

/** How many values lie where, with some values marked (figure 4 of Kovaleva et al. 2021). Counts are logarithmic. */
public final class HistogramChart {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 420;
    private static final int BINS = 80;
    private static final int LABEL = 18;
    private static final double PLOT_HEIGHT = 300;
    private static final double LOWEST = 0.5;

    private HistogramChart() {}

    /**
     * A value that is marked.
     *
     * @param value where on the axis
     * @param label what is said there
     */
    public record Mark(double value, String label) {}

    /**
     * One histogram, a panel of a {@link FigureGrid}.
     *
     * @param title its own
     * @param x label of the values, with their unit
     * @param values what is counted
     * @param marks values that are marked
     */
    public static Figure of(String title, String x, double[] values, List<Mark> marks) {
        NumberAxis across = ChartStyle.axis(x);
        across.setAutoRangeIncludesZero(false);
        LogAxis up = ChartStyle.styled(new LogAxis("count"));
        up.setBase(10);
        up.setSmallestValue(LOWEST);
        up.setTickUnit(new NumberTickUnit(1)); // 1, 10, 100: labels between would be rounded ones
        up.setNumberFormatOverride(ChartStyle.decimal(0, 0));
        XYPlot plot = ChartStyle.panel(across, up);
        HistogramDataset dataset = new HistogramDataset();
        dataset.addSeries("values", values, BINS);
        plot.setDataset(dataset);
        XYBarRenderer bars = new XYBarRenderer();
        bars.setBarPainter(new StandardXYBarPainter());
        bars.setShadowVisible(false);
        bars.setSeriesPaint(0, ChartStyle.BLUE_GREY);
        bars.setMargin(0);
        plot.setRenderer(bars);
        if (!marks.isEmpty()) {
            makeRoomAbove(up, dataset, LABEL * marks.size() + 8);
        }
        int colour = 0;
        for (Mark mark : marks) {
            Color paint = ChartStyle.COLOURS.get(colour++ % ChartStyle.COLOURS.size());
            ValueMarker marker = new ValueMarker(mark.value(), paint, ChartStyle.THICK);
            marker.setLabel(" " + mark.label() + " ");
            marker.setLabelFont(ChartStyle.TEXT);
            marker.setLabelPaint(paint);
            marker.setLabelBackgroundColor(new Color(0, 0, 0, 0));
            marker.setLabelOffset(new org.jfree.chart.ui.RectangleInsets(4 + LABEL * (colour - 1), 4, 4, 4));
            boolean right = mark.value() > middle(values);
            marker.setLabelAnchor(right ? RectangleAnchor.TOP_LEFT : RectangleAnchor.TOP_RIGHT);
            marker.setLabelTextAnchor(right ? TextAnchor.TOP_RIGHT : TextAnchor.TOP_LEFT);
            plot.addDomainMarker(marker);
        }
        JFreeChart chart = ChartStyle.chart(title, "", plot, new LegendItemCollection());
        chart.setTitle(new TextTitle(title, ChartStyle.TEXT));
        return new Figure(chart, WIDTH, HEIGHT);
    }

    /** Ends the axis so far above the tallest bar that labels of this height in pixels fit there. */
    private static void makeRoomAbove(LogAxis axis, HistogramDataset counts, int labels) {
        double tallest = 1;
        for (int bin = 0; bin < counts.getItemCount(0); bin++) {
            tallest = Math.max(tallest, counts.getYValue(0, bin));
        }
        double decades = Math.log10(tallest / LOWEST) / (1 - Math.min(0.6, labels / PLOT_HEIGHT));
        axis.setRange(LOWEST, LOWEST * Math.pow(10, decades));
    }

    private static double middle(double[] values) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        return (low + high) / 2;
    }
}
