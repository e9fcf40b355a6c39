package norma.trainer.figure;

import java.awt.Color;
import java.awt.Shape;
import java.awt.Stroke;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.chart.renderer.xy.XYItemRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.Layer;
import org.jfree.chart.ui.RectangleAnchor;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.Range;
import org.jfree.data.xy.XYDataset;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

/** A few lines over a common axis, some with a band of spread, and marks at places of the axis. */
public final class LineChart {
    private static final int DOTS_UP_TO = 60;
    private static final int LABEL_LINES = 4;
    private static final int LABEL_LINE = 14;
    private static final double NEAR_THE_END = 0.8; // of the axis: from here on labels stand on the left
    private static final float LINE = 1.7f;
    private static final float LINE_OF_BAND = 1.2f;
    private final String heading;
    private final XYPlot plot;
    private final LegendItemCollection legend = new LegendItemCollection();
    private final List<Mark> marks = new ArrayList<>();
    private int colours;
    private int lines;
    private int greys;

    private LineChart(String heading, XYPlot plot) {
        this.heading = heading;
        this.plot = plot;
    }

    /**
     * An empty chart.
     *
     * @param heading what it shows, above its legend; may be empty
     * @param x label of the horizontal axis, of whole numbers such as steps
     * @param y label of the vertical axis, with its unit
     * @param logarithmic whether the vertical axis is; then all values must be positive
     */
    public static LineChart of(String heading, String x, String y, boolean logarithmic) {
        NumberAxis steps = ChartStyle.countAxis(x);
        if (logarithmic) {
            LogAxis axis = ChartStyle.styled(new LogAxis(y));
            axis.setBase(10);
            axis.setNumberFormatOverride(ChartStyle.decimal(0, 3));
            return new LineChart(heading, ChartStyle.panel(steps, axis));
        }
        NumberAxis axis = ChartStyle.axis(y);
        axis.setAutoRangeIncludesZero(false);
        axis.setAutoRangeStickyZero(false); // a line at zero is not cut in half
        return new LineChart(heading, ChartStyle.panel(steps, axis));
    }

    /** Adds a line in a colour, pattern and marker of its own; places where y is NaN are left out. */
    public LineChart line(String name, double[] x, double[] y) {
        return add(name, series(x, y), nextColour(), ChartStyle.pattern(lines, LINE), ChartStyle.marker(lines++));
    }

    /** Adds a line that keeps each value until the next place, as a count does. */
    public LineChart stairs(String name, double[] x, double[] y) {
        return add(name, steps(x, y), nextColour(), ChartStyle.THICK, null);
    }

    /** Adds a broad grey line of that kind, on which the lines that are added after it are seen. */
    public LineChart broadStairs(String name, double[] x, double[] y) {
        return add(name, steps(x, y), ChartStyle.PALE_GREY, ChartStyle.BROAD, null);
    }

    /** Begins the vertical axis at zero, so that a change shows in proportion. */
    public LineChart fromZero() {
        ((NumberAxis) plot.getRangeAxis()).setAutoRangeIncludesZero(true);
        return this;
    }

    /** Ticks of the vertical axis at whole numbers only. */
    public LineChart wholeNumbers() {
        plot.getRangeAxis().setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        plot.getRangeAxis().setAutoRangeMinimumSize(1);
        return this;
    }

    /** Adds a black line: what the others are compared with. */
    public LineChart reference(String name, double[] x, double[] y) {
        return add(name, series(x, y), Color.BLACK, ChartStyle.THICK, ChartStyle.marker(0));
    }

    /** Adds a thin line at zero, where nothing has changed. */
    public LineChart zero() {
        plot.addRangeMarker(new ValueMarker(0, Color.BLACK, ChartStyle.line(0.8f)), Layer.BACKGROUND);
        return fromZero();
    }

    /** Adds a broken black line across the chart. */
    public LineChart threshold(String name, double[] x, double y) {
        double[] same = new double[x.length];
        Arrays.fill(same, y);
        return add(name, series(x, same), Color.BLACK, ChartStyle.DASHED, null);
    }

    /** Adds a dotted grey line across the chart: what needs no model. */
    public LineChart level(String name, double[] x, double y) {
        double[] same = new double[x.length];
        Arrays.fill(same, y);
        return add(name, series(x, same), ChartStyle.GREY, ChartStyle.DOTTED, null);
    }

    /** Adds a thin line in blue-grey: what is noisy. */
    public LineChart faint(String name, double[] x, double[] y) {
        return add(name, series(x, y), ChartStyle.BLUE_GREY, ChartStyle.MEDIUM, null);
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
        boolean dots = marker != null && series.getItemCount() <= DOTS_UP_TO;
        XYLineAndShapeRenderer renderer = ChartStyle.lines(stroke);
        renderer.setSeriesPaint(0, colour);
        renderer.setSeriesShape(0, marker);
        renderer.setSeriesShapesVisible(0, dots);
        add(new XYSeriesCollection(series), renderer);
        explain(name, colour, stroke, dots ? marker : null);
        return this;
    }

    private void explain(String name, Color colour, Stroke stroke, Shape marker) {
        legend.add(
                marker == null ? ChartStyle.item(name, colour, stroke) : ChartStyle.item(name, colour, stroke, marker));
    }

    /** Adds a line in a grey, pattern and marker of its own with a band from low to high around it. */
    public LineChart band(String name, double[] x, double[] y, double[] low, double[] high) {
        Color grey = ChartStyle.GREYS.get(greys % ChartStyle.GREYS.size());
        Stroke stroke = ChartStyle.pattern(greys + 1, LINE_OF_BAND);
        return band(name, x, y, low, high, grey, stroke, ChartStyle.marker(2 + greys++));
    }

    /** Adds a line in a colour, pattern and marker of its own with a band from low to high around it. */
    public LineChart spread(String name, double[] x, double[] y, double[] low, double[] high) {
        Stroke stroke = ChartStyle.pattern(lines, LINE_OF_BAND);
        return band(name, x, y, low, high, nextColour(), stroke, ChartStyle.marker(1 + lines++));
    }

    /** Adds a black line, what the others are compared with, with a band from low to high around it. */
    public LineChart referenceSpread(String name, double[] x, double[] y, double[] low, double[] high) {
        return band(name, x, y, low, high, Color.BLACK, ChartStyle.THICK, ChartStyle.marker(0));
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
        boolean dots = x.length <= DOTS_UP_TO;
        DeviationRenderer renderer = new DeviationRenderer(true, dots);
        renderer.setSeriesPaint(0, colour);
        renderer.setSeriesFillPaint(0, colour);
        renderer.setSeriesShape(0, marker);
        renderer.setAlpha(0.2f);
        renderer.setSeriesStroke(0, stroke);
        add(dataset, renderer);
        explain(name, colour, stroke, dots ? marker : null);
        return this;
    }

    /** Marks places of the horizontal axis, each with a label or none (null); neighbours' labels stand apart. */
    public LineChart marks(List<Mark> places) {
        marks.addAll(places);
        return this;
    }

    /**
     * A place on the horizontal axis.
     *
     * @param x where
     * @param label what is said there
     */
    public record Mark(double x, String label) {}

    private void draw(List<Mark> places, Range axis) {
        List<Mark> sorted = new ArrayList<>(places);
        sorted.sort(Comparator.comparingDouble(Mark::x));
        for (int i = 0; i < sorted.size(); i++) {
            Mark mark = sorted.get(i);
            ValueMarker marker = new ValueMarker(mark.x(), ChartStyle.GREYS.get(1), ChartStyle.MARK);
            boolean left = mark.x() > axis.getLowerBound() + NEAR_THE_END * axis.getLength();
            marker.setLabel(mark.label());
            marker.setLabelFont(ChartStyle.SMALL);
            marker.setLabelPaint(ChartStyle.GREYS.get(1));
            marker.setLabelBackgroundColor(new Color(0, 0, 0, 0));
            marker.setLabelAnchor(left ? RectangleAnchor.TOP_LEFT : RectangleAnchor.TOP_RIGHT);
            marker.setLabelTextAnchor(left ? TextAnchor.TOP_RIGHT : TextAnchor.TOP_LEFT);
            marker.setLabelOffset(new RectangleInsets(3 + i % LABEL_LINES * LABEL_LINE, 3, 3, 3));
            plot.addDomainMarker(marker);
        }
    }

    private void add(XYDataset dataset, XYItemRenderer renderer) {
        int index = plot.getDataset(0) == null ? 0 : plot.getDatasetCount();
        plot.setDataset(index, dataset);
        plot.setRenderer(index, renderer);
    }

    private Color nextColour() {
        return ChartStyle.colour(colours++);
    }

    /** Gives the horizontal axis its range, and draws the marks in it. */
    private Panel panel(Range range, DoubleUnaryOperator height) {
        ValueAxis axis = plot.getDomainAxis();
        axis.setRange(range);
        draw(marks, range);
        return new Panel(ChartStyle.chart(heading, plot, legend), height);
    }

    /** The places of all lines of some charts, with a little room. */
    private static Range range(List<LineChart> charts) {
        Range all = null;
        for (LineChart chart : charts) {
            all = Range.combine(all, chart.plot.getDataRange(chart.plot.getDomainAxis()));
        }
        if (all == null || all.getLength() == 0) {
            double at = all == null ? 0 : all.getLowerBound();
            return new Range(at - 0.5, at + 0.5);
        }
        return Range.expand(all, 0.015, 0.02);
    }

    /** Of the axes of a figure that stands alone, in units. */
    private static double heightAlone(double width) {
        return Math.max(190, Math.min(320, 0.5 * width));
    }

    /** Of those of one of several. */
    private static double heightInStack(double width) {
        return Math.max(180, Math.min(205, 0.4 * width));
    }

    /**
     * Charts above each other over one axis, as one figure.
     *
     * @param charts from the top; used up by this
     */
    public static Figure stacked(String title, String subtitle, List<LineChart> charts) {
        Range range = range(charts);
        List<Panel> panels = new ArrayList<>();
        for (LineChart chart : charts) {
            if (panels.size() < charts.size() - 1) {
                chart.plot.getDomainAxis().setLabel(null); // the lowest one's holds for all
            }
            panels.add(chart.panel(range, LineChart::heightInStack));
        }
        return new Figure(title, subtitle, panels, 1);
    }

    /** The finished figure; used up by this. */
    public Figure figure(String title, String subtitle) {
        return new Figure(title, subtitle, panel(range(List.of(this)), LineChart::heightAlone));
    }
}
