package norma.trainer.figure;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.AxisSpace;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.title.Title;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;

/** One set of axes with a heading and a legend of its own. {@link Figure}s are made of these. */
public final class Panel {
    /** On the right there is room for half of the last tick's label. */
    private static final RectangleInsets AROUND = new RectangleInsets(4, 6, 4, 22);

    private static final double MARKED_COLUMNS = 44;

    private final JFreeChart chart;
    private final DoubleUnaryOperator plotHeight;
    private double above;

    /**
     * A panel.
     *
     * @param plotHeight of the axes and what is between them, from the panel's width; both in units
     */
    Panel(JFreeChart chart, DoubleUnaryOperator plotHeight) {
        this.chart = chart;
        this.plotHeight = plotHeight;
    }

    JFreeChart chart() {
        return chart;
    }

    double plotHeight(double width) {
        return plotHeight.applyAsDouble(width) + above;
    }

    /** Height of heading and legend, which wrap at the width. */
    double headHeight(Graphics2D graphics, double width) {
        double height = chart.getTitle() == null ? 0 : Titles.height(chart.getTitle(), graphics, width);
        for (int i = 0; i < chart.getSubtitleCount(); i++) {
            Title title = chart.getSubtitle(i);
            if (RectangleEdge.TOP.equals(title.getPosition())) {
                height += Titles.height(title, graphics, width);
            }
        }
        return height;
    }

    /** What the vertical axes take on the left and on the right of a plot of that size. */
    AxisSpace axisSpace(Graphics2D graphics, double width) {
        XYPlot plot = chart.getXYPlot();
        Rectangle2D area = new Rectangle2D.Double(0, 0, width, plotHeight(width));
        AxisSpace space = new AxisSpace();
        for (int i = 0; i < plot.getRangeAxisCount(); i++) {
            ValueAxis axis = plot.getRangeAxis(i);
            if (axis != null) {
                space = axis.reserveSpace(graphics, plot, area, plot.getRangeAxisEdge(i), space);
            }
        }
        return space;
    }

    /** Gives the vertical axes at least that room, so that panels above each other line up. */
    void align(AxisSpace space) {
        chart.getXYPlot().setFixedRangeAxisSpace(space);
    }

    /**
     * Draws it.
     *
     * @param below room between legend and axes, so that the axes of panels in a row begin at the same height
     */
    void draw(Graphics2D graphics, Rectangle2D area, double below) {
        chart.getPlot()
                .setInsets(new RectangleInsets(
                        AROUND.getTop() + below, AROUND.getLeft(), AROUND.getBottom(), AROUND.getRight()));
        chart.draw(graphics, area);
    }

    /** The same panel with some columns of its x axis numbered above it; for heat maps. */
    public Panel markColumns(List<Integer> columns, String label) {
        XYPlot plot = chart.getXYPlot();
        TicksAxis numbered = TicksAxis.columns(label, plot.getDomainAxis().getRange(), columns);
        numbered.setTickMarkOutsideLength(7);
        numbered.setTickMarkPaint(java.awt.Color.BLACK);
        numbered.setTickMarkStroke(ChartStyle.MEDIUM);
        plot.setDomainAxis(1, numbered);
        plot.setDomainAxisLocation(1, org.jfree.chart.axis.AxisLocation.TOP_OR_LEFT);
        above = MARKED_COLUMNS;
        return this;
    }
}
