package norma.trainer.figure;

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
import org.jfree.data.statistics.HistogramDataset;

/** How many values lie where, with some values marked (figure 4 of Kovaleva et al. 2021). Counts are logarithmic. */
public final class HistogramChart {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 420;
    private static final int BINS = 80;

    private HistogramChart() {}

    /**
     * One histogram, a panel of a {@link FigureGrid}.
     *
     * @param title its own
     * @param x label of the values, with their unit
     * @param values what is counted
     * @param marks values that are marked, in the colours that the grid's legend names in the same order
     */
    public static Figure of(String title, String x, double[] values, List<Double> marks) {
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
        for (int i = 0; i < marks.size(); i++) {
            plot.addDomainMarker(new ValueMarker(
                    marks.get(i), ChartStyle.COLOURS.get(i % ChartStyle.COLOURS.size()), ChartStyle.THICK));
        }
        JFreeChart chart = ChartStyle.chart(title, "", plot, new LegendItemCollection());
        chart.setTitle(new TextTitle(title, ChartStyle.TEXT));
        return new Figure(chart, WIDTH, HEIGHT);
    }
}
