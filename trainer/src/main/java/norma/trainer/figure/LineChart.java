package norma.trainer.figure;

import java.awt.Color;
import java.awt.Shape;
import java.awt.Stroke;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.chart.renderer.xy.XYItemRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleAnchor;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.XYDataset;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

/** A few lines over a common axis, some with a band of spread, and marks at places of the axis. */
public final class LineChart {
    private static final int WIDTH = 1100;
    private static final int HEIGHT = 620;
    private static final int STACKED_HEAD = 190;
    private static final int STACKED = 250;
    private static final int DOTS_UP_TO = 60;
    private static final int LABEL_LINES = 6;
    private static final int LABEL_LINE = 15;
    private static final float LINE = 1.9f;
    private static final float LINE_OF_BAND = 1.2f;

    private final String title;
    private final String subtitle;
    private final XYPlot plot;
    private final LegendItemCollection legend = new LegendItemCollection();
    private int colours;
    private int lines;
    private int greys;

    private LineChart(String title, String subtitle, XYPlot plot) {
        this.title = title;
        this.subtitle = subtitle;
        this.plot = plot;
    }

    /**
     * An empty chart.
     *
     * @param x label of the horizontal axis, of whole numbers such as steps
     * @param y label of the vertical axis, with its unit
     * @param logarithmic whether the vertical axis is; then all values must be positive
     */
    public static LineChart of(String title, String subtitle, String x, String y, boolean logarithmic) {
        NumberAxis steps = ChartStyle.countAxis(x);
        if (logarithmic) {
            LogAxis axis = ChartStyle.styled(new LogAxis(y));
            axis.setBase(10);
            axis.setNumberFormatOverride(ChartStyle.decimal(0, 3));
            return new LineChart(title, subtitle, ChartStyle.panel(steps, axis));
        }
        NumberAxis axis = ChartStyle.axis(y);
        axis.setAutoRangeIncludesZero(false);
        return new LineChart(title, subtitle, ChartStyle.panel(steps, axis));
    }

    /** Adds a line in a colour and pattern of its own; places where y is NaN are left out. */
    public LineChart line(String name, double[] x, double[] y) {
        return add(name, series(x, y), nextColour(), ChartStyle.pattern(lines, LINE), ChartStyle.marker(lines++));
    }

    /** Adds a line that keeps each value until the next place, as a count does. */
    public LineChart stairs(String name, double[] x, double[] y) {
        return add(name, steps(x, y), nextColour(), ChartStyle.THICK, ChartStyle.marker(0));
    }

    /** Adds a broad grey line of that kind, on which the lines that are added after it are seen. */
    public LineChart broadStairs(String name, double[] x, double[] y) {
        return add(name, steps(x, y), ChartStyle.GREYS.get(2), ChartStyle.BROAD, ChartStyle.marker(0));
    }

    /** Begins the vertical axis at zero, so that a change shows in proportion. */
    public LineChart fromZero() {
        ((NumberAxis) plot.getRangeAxis()).setAutoRangeIncludesZero(true);
        return this;
    }

    /** Ticks of the vertical axis at whole numbers only. */
    public LineChart wholeNumbers() {
        plot.getRangeAxis().setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        plot.getRangeAxis().setAutoRangeMinimumSize(1); // a count that stays 0 is a line and not an empty picture
        return this;
    }

    /** Adds a black line: what the others are compared with. */
    public LineChart reference(String name, double[] x, double[] y) {
        return add(name, series(x, y), Color.BLACK, ChartStyle.THICK, ChartStyle.marker(0));
    }

    /** Adds a broken black line across the chart. */
    public LineChart threshold(String name, double[] x, double y) {
        double[] same = new double[x.length];
        Arrays.fill(same, y);
        return add(name, series(x, same), Color.BLACK, ChartStyle.DASHED, null);
    }

    /** Adds a line in blue-grey: what is noisy. */
    public LineChart faint(String name, double[] x, double[] y) {
        return add(name, series(x, y), ChartStyle.BLUE_GREY, ChartStyle.THICK, ChartStyle.marker(0));
    }

    /** Leaves out so many colours, which another chart of the same figure has used. */
    public LineChart skipColours(int number) {
        colours += number;
        return this;
    }

    private static XYSeries series(double[] x, double[] y) {
        XYSeries series = new XYSeries("");
        for (int i = 0; i < x.length; i++) {
            if (!Double.isNaN(y[i])) {
                series.add(x[i], y[i]);
            }
        }
        return series;
    }

    private static XYSeries steps(double[] x, double[] y) {
        XYSeries series = new XYSeries("", false);
        for (int i = 0; i < x.length; i++) {
            if (i > 0) {
                series.add(x[i], y[i - 1]);
            }
            series.add(x[i], y[i]);
        }
        return series;
    }

    /** @param marker of single points, where there are few; null for none */
    private LineChart add(String name, XYSeries series, Color colour, Stroke stroke, Shape marker) {
        XYLineAndShapeRenderer renderer = ChartStyle.lines(stroke);
        renderer.setSeriesPaint(0, colour);
        renderer.setSeriesShape(0, marker);
        renderer.setSeriesShapesVisible(0, marker != null && series.getItemCount() <= DOTS_UP_TO);
        add(new XYSeriesCollection(series), renderer);
        legend.add(ChartStyle.item(name, colour, stroke));
        return this;
    }

    /** Adds a line in a grey of its own with a band from low to high around it. */
    public LineChart band(String name, double[] x, double[] y, double[] low, double[] high) {
        Color grey = ChartStyle.GREYS.get(greys++ % ChartStyle.GREYS.size());
        return band(name, x, y, low, high, grey, ChartStyle.MEDIUM, ChartStyle.marker(0));
    }

    /** Adds a line in a colour and pattern of its own with a band from low to high around it. */
    public LineChart spread(String name, double[] x, double[] y, double[] low, double[] high) {
        Stroke stroke = ChartStyle.pattern(lines, LINE_OF_BAND);
        return band(name, x, y, low, high, nextColour(), stroke, ChartStyle.marker(lines++));
    }

    /** Adds a black line, what the others are compared with, with a band from low to high around it. */
    public LineChart referenceSpread(String name, double[] x, double[] y, double[] low, double[] high) {
        return band(name, x, y, low, high, Color.BLACK, ChartStyle.MEDIUM, ChartStyle.marker(0));
    }

    private LineChart band(
            String name,
            double[] x,
            double[] y,
            double[] low,
            double[] high,
            Color colour,
            Stroke stroke,
            Shape marker) {
        YIntervalSeries series = new YIntervalSeries(name);
        for (int i = 0; i < x.length; i++) {
            if (!Double.isNaN(y[i])) {
                series.add(x[i], y[i], low[i], high[i]);
            }
        }
        YIntervalSeriesCollection dataset = new YIntervalSeriesCollection();
        dataset.addSeries(series);
        DeviationRenderer renderer = new DeviationRenderer(true, x.length <= DOTS_UP_TO);
        renderer.setSeriesPaint(0, colour);
        renderer.setSeriesFillPaint(0, colour);
        renderer.setSeriesShape(0, marker);
        renderer.setAlpha(0.25f);
        renderer.setSeriesStroke(0, stroke);
        add(dataset, renderer);
        legend.add(ChartStyle.item(name, colour, stroke));
        return this;
    }

    /** Marks places of the horizontal axis, each with a label; the labels of neighbours stand on different lines. */
    public LineChart marks(List<Mark> marks) {
        List<Mark> sorted = new ArrayList<>(marks);
        sorted.sort(Comparator.comparingDouble(Mark::x));
        for (int i = 0; i < sorted.size(); i++) {
            Mark mark = sorted.get(i);
            ValueMarker marker = new ValueMarker(mark.x(), ChartStyle.BLUE_GREY, ChartStyle.MEDIUM);
            marker.setLabel(mark.label());
            marker.setLabelFont(ChartStyle.SMALL);
            marker.setLabelPaint(ChartStyle.BLUE_GREY);
            marker.setLabelBackgroundColor(new Color(0, 0, 0, 0));
            marker.setLabelAnchor(RectangleAnchor.TOP_RIGHT);
            marker.setLabelTextAnchor(TextAnchor.TOP_LEFT);
            marker.setLabelOffset(new RectangleInsets(3 + i % LABEL_LINES * LABEL_LINE, 3, 3, 3));
            plot.addDomainMarker(marker);
        }
        return this;
    }

    /**
     * A place on the horizontal axis.
     *
     * @param x where
     * @param label what is said there
     */
    public record Mark(double x, String label) {}

    private void add(XYDataset dataset, XYItemRenderer renderer) {
        int index = plot.getDataset(0) == null ? 0 : plot.getDatasetCount();
        plot.setDataset(index, dataset);
        plot.setRenderer(index, renderer);
    }

    private Color nextColour() {
        return ChartStyle.COLOURS.get(colours++ % ChartStyle.COLOURS.size());
    }

    /**
     * Charts above each other over one axis, as one figure; their own titles are left out, so that each tells what it
     * shows by the label of its vertical axis.
     *
     * @param x label of the common axis
     * @param charts from the top; used up by this
     */
    public static Figure stacked(String title, String subtitle, String x, List<LineChart> charts) {
        CombinedDomainXYPlot panels = new CombinedDomainXYPlot(ChartStyle.countAxis(x));
        panels.setGap(14);
        LegendItemCollection legend = new LegendItemCollection();
        for (LineChart chart : charts) {
            chart.plot.setDomainAxis(null);
            panels.add(chart.plot, 1);
            addNew(legend, chart.legend);
        }
        return new Figure(
                ChartStyle.chart(title, subtitle, panels, legend), WIDTH, STACKED_HEAD + charts.size() * STACKED);
    }

    /** What two charts show in the same way stands in the legend once. */
    private static void addNew(LegendItemCollection legend, LegendItemCollection more) {
        Set<String> known = new HashSet<>();
        for (int i = 0; i < legend.getItemCount(); i++) {
            known.add(legend.get(i).getLabel());
        }
        for (int i = 0; i < more.getItemCount(); i++) {
            if (known.add(more.get(i).getLabel())) {
                legend.add(more.get(i));
            }
        }
    }

    /** The finished figure. */
    public Figure figure() {
        return new Figure(ChartStyle.chart(title, subtitle, plot, legend), WIDTH, HEIGHT);
    }
}
