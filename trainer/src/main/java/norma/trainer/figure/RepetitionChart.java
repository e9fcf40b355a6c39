package norma.trainer.figure;

import java.awt.Color;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.Ellipse2D;
import java.util.Arrays;
import java.util.List;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.renderer.xy.XYItemRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYDataset;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * Repetitions of a measurement, such as those of several seeds, at named places of an axis: a dot for each, and their
 * mean with a bar of one sample standard deviation to both sides.
 */
public final class RepetitionChart {
    private static final int LEVEL_LABELS = 8;
    private static final double BESIDE = 0.14; // of the distance from place to place, from one series to the next
    private static final Shape DOT = new Ellipse2D.Double(-3, -3, 6, 6);

    private final String title;
    private final String subtitle;
    private final XYPlot plot;
    private final boolean joined;
    private final int kinds;
    private final LegendItemCollection legend = new LegendItemCollection();
    private int added;

    private RepetitionChart(String title, String subtitle, XYPlot plot, boolean joined, int kinds) {
        this.title = title;
        this.subtitle = subtitle;
        this.plot = plot;
        this.joined = joined;
        this.kinds = kinds;
    }

    /**
     * An empty chart.
     *
     * @param x label of the horizontal axis
     * @param places on it, at equal distances
     * @param joined whether the places have an order, so that a line joins the means
     * @param y label of the vertical axis, with its unit
     * @param kinds how many series will be added
     */
    public static RepetitionChart of(
            String title, String subtitle, String x, List<String> places, boolean joined, String y, int kinds) {
        SymbolAxis across = ChartStyle.styled(new SymbolAxis(x, places.toArray(String[]::new)));
        across.setRange(-0.5, places.size() - 0.5);
        across.setGridBandsVisible(false);
        across.setVerticalTickLabels(places.size() > LEVEL_LABELS);
        NumberAxis up = ChartStyle.axis(y);
        up.setAutoRangeIncludesZero(true);
        return new RepetitionChart(title, subtitle, ChartStyle.panel(across, up), joined, kinds);
    }

    /**
     * Adds a series in a colour of its own.
     *
     * @param values (places, repetitions); NaN where there is none
     */
    public RepetitionChart series(String name, double[][] values) {
        double offset = (added - (kinds - 1) / 2.0) * BESIDE;
        Color colour = ChartStyle.COLOURS.get(added % ChartStyle.COLOURS.size());
        Stroke stroke = ChartStyle.pattern(added, 1.6f);
        XYSeries dots = new XYSeries("");
        XYIntervalSeries means = new XYIntervalSeries("");
        XYSeries line = new XYSeries("");
        for (int place = 0; place < values.length; place++) {
            double[] there = Arrays.stream(values[place])
                    .filter(value -> !Double.isNaN(value))
                    .toArray();
            double x = place + offset;
            for (double value : there) {
                dots.add(x - BESIDE / 3, value);
            }
            if (there.length > 0) {
                double mean = Arrays.stream(there).average().orElseThrow();
                double std = deviation(there, mean);
                means.add(x, x, x, mean, mean - std, mean + std);
                line.add(x, mean);
            }
        }
        XYIntervalSeriesCollection intervals = new XYIntervalSeriesCollection();
        intervals.addSeries(means);
        if (joined) {
            XYLineAndShapeRenderer lines = ChartStyle.lines(stroke);
            lines.setSeriesPaint(0, colour);
            add(new XYSeriesCollection(line), lines);
        }
        add(intervals, bars(colour));
        XYLineAndShapeRenderer points = new XYLineAndShapeRenderer(false, true);
        points.setSeriesPaint(0, new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 130));
        points.setSeriesShape(0, DOT);
        add(new XYSeriesCollection(dots), points);
        legend.add(joined ? ChartStyle.item(name, colour, stroke) : ChartStyle.point(name, colour, DOT));
        added++;
        return this;
    }

    /** Of a sample; 0 of one value, which has no bar. */
    private static double deviation(double[] values, double mean) {
        double squares = Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
    }

    private static XYErrorRenderer bars(Color colour) {
        XYErrorRenderer bars = new XYErrorRenderer();
        bars.setDrawXError(false);
        bars.setErrorPaint(colour);
        bars.setErrorStroke(ChartStyle.MEDIUM);
        bars.setSeriesPaint(0, colour);
        bars.setSeriesShape(0, ChartStyle.marker(1));
        return bars;
    }

    private void add(XYDataset dataset, XYItemRenderer renderer) {
        int index = plot.getDataset(0) == null ? 0 : plot.getDatasetCount();
        plot.setDataset(index, dataset);
        plot.setRenderer(index, renderer);
    }

    private static double height(double width) {
        return Math.max(190, Math.min(320, 0.5 * width));
    }

    /** The finished figure. */
    public Figure figure() {
        return new Figure(title, subtitle, new Panel(ChartStyle.chart("", plot, legend), RepetitionChart::height));
    }
}
