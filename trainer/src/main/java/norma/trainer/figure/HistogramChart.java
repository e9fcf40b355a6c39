package norma.trainer.figure;

import java.util.Map;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.StandardXYBarPainter;
import org.jfree.chart.renderer.xy.XYBarRenderer;
import org.jfree.chart.ui.RectangleAnchor;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.Range;
import org.jfree.data.statistics.HistogramDataset;

/** How many values lie where, with some values marked (figure 4 of Kovaleva et al. 2021). Counts are logarithmic. */
public final class HistogramChart {
    private static final int BINS = 80;
    private static final int LABEL_LINE = 13;
    private static final int LABEL_LINES = 4;
    private static final double RIGHT_HALF = 0.5;

    private HistogramChart() {}

    /**
     * One histogram.
     *
     * @param heading its own
     * @param x label of the values, with their unit
     * @param values what is counted
     * @param marks values that are marked, each by its name at the top, in their order
     */
    public static Panel of(String heading, String x, double[] values, Map<String, Double> marks) {
        NumberAxis across = ChartStyle.axis(x);
        across.setAutoRangeIncludesZero(false);
        LogAxis up = ChartStyle.styled(new LogAxis("count"));
        up.setBase(10);
        up.setSmallestValue(0.5);
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
        mark(plot, across.getRange(), marks);
        up.setUpperMargin(0.25); // for the names
        return new Panel(ChartStyle.chart(heading, plot, new LegendItemCollection()), width -> 175);
    }

    private static void mark(XYPlot plot, Range range, Map<String, Double> marks) {
        int number = 0;
        for (Map.Entry<String, Double> mark : marks.entrySet()) {
            ValueMarker marker =
                    new ValueMarker(mark.getValue(), ChartStyle.colour(number), ChartStyle.pattern(number, 1.5f));
            boolean left = mark.getValue() > range.getLowerBound() + RIGHT_HALF * range.getLength();
            marker.setLabel(mark.getKey());
            marker.setLabelFont(ChartStyle.SMALL);
            marker.setLabelPaint(ChartStyle.colour(number));
            marker.setLabelBackgroundColor(new java.awt.Color(0, 0, 0, 0));
            marker.setLabelAnchor(left ? RectangleAnchor.TOP_LEFT : RectangleAnchor.TOP_RIGHT);
            marker.setLabelTextAnchor(left ? TextAnchor.TOP_RIGHT : TextAnchor.TOP_LEFT);
            marker.setLabelOffset(new RectangleInsets(2 + number % LABEL_LINES * LABEL_LINE, 3, 3, 3));
            plot.addDomainMarker(marker);
            number++;
        }
    }
}
