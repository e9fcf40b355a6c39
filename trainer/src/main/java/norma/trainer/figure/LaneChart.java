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
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Lanes over a common axis with a bar of each kind where something lasts, and a dot where it first showed. */
public final class LaneChart {
    private static final double AXES = 50;
    private static final double LANE = 24;
    private static final double FILLED = 0.8; // of a lane; the rest keeps it apart from the next one
    private static final Shape SWATCH = new Rectangle2D.Double(-8, -4, 16, 8);
    private static final List<Shape> DOTS =
            List.of(new Ellipse2D.Double(-3.2, -3.2, 6.4, 6.4), new Rectangle2D.Double(-2.8, -2.8, 5.6, 5.6));

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
     * @param kinds what the bars mean, as many as each lane has, two at most: the first is filled, the second outlined
     * @param lanes from the top
     * @param marks places of the axis
     * @param marked what those are; not used where there are none
     */
    public static Panel of(
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
        LegendItemCollection legend = new LegendItemCollection();
        for (int kind = 0; kind < kinds.size(); kind++) {
            boolean filled = kind == 0;
            Color colour = ChartStyle.colour(kind);
            plot.setDataset(kind, bars(plot, lanes, kind, kinds.size(), end));
            XYLineAndShapeRenderer dots = new XYLineAndShapeRenderer(false, true);
            dots.setSeriesPaint(0, filled ? colour : Color.WHITE);
            dots.setSeriesShape(0, DOTS.get(kind));
            dots.setUseOutlinePaint(true);
            dots.setSeriesOutlinePaint(0, colour);
            plot.setRenderer(kind, dots);
            String beyond = kinds.get(kind) + " beyond from here to the end";
            String first = kinds.get(kind) + " beyond for the first time";
            legend.add(filled ? ChartStyle.point(beyond, colour, SWATCH) : ChartStyle.outline(beyond, colour, SWATCH));
            legend.add(
                    filled
                            ? ChartStyle.point(first, colour, DOTS.get(kind))
                            : ChartStyle.outline(first, colour, DOTS.get(kind)));
        }
        for (LineChart.Mark mark : marks) {
            plot.addDomainMarker(new ValueMarker(mark.x(), ChartStyle.GREYS.get(1), ChartStyle.MARK));
        }
        if (!marks.isEmpty()) {
            legend.add(ChartStyle.item(marked, ChartStyle.GREYS.get(1), ChartStyle.MARK));
        }
        double height = AXES + LANE * Math.max(2, lanes.size());
        return new Panel(ChartStyle.chart("", plot, legend), width -> height);
    }

    private static XYSeriesCollection bars(XYPlot plot, List<Lane> lanes, int kind, int kinds, double end) {
        XYSeries dots = new XYSeries(kind);
        double height = FILLED / kinds;
        Color colour = ChartStyle.colour(kind);
        for (int lane = 0; lane < lanes.size(); lane++) {
            Bar bar = lanes.get(lane).bars().get(kind);
            double top = lane - FILLED / 2 + kind * height;
            if (!Double.isNaN(bar.from())) {
                plot.addAnnotation(
                        // corners by an axis that points down: the other way round nothing would be drawn
                        new XYBoxAnnotation(
                                bar.from(),
                                top + 0.9 * height,
                                end,
                                top,
                                ChartStyle.MEDIUM,
                                colour,
                                kind == 0 ? colour : Color.WHITE),
                        false);
            }
            if (!Double.isNaN(bar.first())) {
                dots.add(bar.first(), top + 0.45 * height);
            }
        }
        return new XYSeriesCollection(dots);
    }
}
