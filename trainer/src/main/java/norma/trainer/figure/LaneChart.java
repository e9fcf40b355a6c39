package norma.trainer.figure;

import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.annotations.XYBoxAnnotation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Lanes over a common axis with a bar of each kind where something lasts, and a dot where it first showed. */
public final class LaneChart {
    private static final int WIDTH = 1100;
    private static final int AROUND = 200;
    private static final int LANE = 30;
    private static final double FILLED = 0.8; // of a lane; the rest keeps it apart from the next one
    private static final Shape SWATCH = new Rectangle2D.Double(-8, -4, 16, 8);
    private static final Shape DOT = new Ellipse2D.Double(-3.5, -3.5, 7, 7);

    private LaneChart() {}

    /**
     * One bar.
     *
     * @param first where it first showed; NaN for nowhere
     * @param from where it begins to last, up to the chart's end; NaN for never
     */
    public record Bar(double first, double from) {}

    /**
     * One lane.
     *
     * @param label what it is about
     * @param bars one for each kind, in the order of the kinds
     */
    public record Lane(String label, List<Bar> bars) {
        public Lane {
            bars = List.copyOf(bars);
        }
    }

    /**
     * A chart.
     *
     * @param x label of the axis, of whole numbers such as steps
     * @param begin where the axis begins
     * @param end where it ends, and with it every bar
     * @param kinds what the bars mean, as many as each lane has
     * @param lanes from the top
     * @param marks places of the axis
     * @param marked what those are; not used where there are none
     */
    public static Figure of(
            String title,
            String subtitle,
            String x,
            double begin,
            double end,
            List<String> kinds,
            List<Lane> lanes,
            List<LineChart.Mark> marks,
            String marked) {
        SymbolAxis up = ChartStyle.styled(
                new SymbolAxis("", lanes.stream().map(Lane::label).toArray(String[]::new)));
        up.setInverted(true);
        up.setRange(-0.5, lanes.size() - 0.5);
        NumberAxis across = ChartStyle.countAxis(x);
        across.setRange(begin, Math.max(end, begin + 1) + 0.01 * (end - begin));
        XYPlot plot = ChartStyle.panel(across, up);
        plot.setInsets(new RectangleInsets(4, 8, 4, 28)); // room for the last tick's label
        LegendItemCollection legend = new LegendItemCollection();
        for (int kind = 0; kind < kinds.size(); kind++) {
            Color colour = ChartStyle.COLOURS.get(kind);
            plot.setDataset(kind, bars(plot, lanes, kind, kinds.size(), end, colour));
            XYLineAndShapeRenderer dots = new XYLineAndShapeRenderer(false, true);
            dots.setSeriesPaint(0, colour);
            dots.setSeriesShape(0, DOT);
            plot.setRenderer(kind, dots);
            legend.add(ChartStyle.point(kinds.get(kind) + ": beyond for good", colour, SWATCH));
            legend.add(ChartStyle.point("beyond for the first time", colour, DOT));
        }
        for (LineChart.Mark mark : marks) {
            plot.addDomainMarker(new ValueMarker(mark.x(), Color.BLACK, ChartStyle.MEDIUM));
        }
        if (!marks.isEmpty()) {
            legend.add(ChartStyle.item(marked, Color.BLACK, ChartStyle.MEDIUM));
        }
        return new Figure(
                ChartStyle.chart(title, subtitle, plot, legend), WIDTH, AROUND + LANE * Math.max(4, lanes.size()));
    }

    private static XYSeriesCollection bars(
            XYPlot plot, List<Lane> lanes, int kind, int kinds, double end, Color colour) {
        XYSeries dots = new XYSeries(kind);
        double height = FILLED / kinds;
        for (int lane = 0; lane < lanes.size(); lane++) {
            Bar bar = lanes.get(lane).bars().get(kind);
            double top = lane - FILLED / 2 + kind * height;
            if (!Double.isNaN(bar.from())) {
                plot.addAnnotation(
                        // corners by an axis that points down: the other way round nothing would be drawn
                        new XYBoxAnnotation(bar.from(), top + height, end, top, null, null, colour), false);
            }
            if (!Double.isNaN(bar.first())) {
                dots.add(bar.first(), top + height / 2);
            }
        }
        return new XYSeriesCollection(dots);
    }
}
