package norma.trainer.figure;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jfree.chart.annotations.AbstractXYAnnotation;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.PlotRenderingInfo;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.text.TextUtils;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;

/** Names beside the ends of lines, moved apart where the lines end close to each other. */
final class LineEndLabels extends AbstractXYAnnotation {
    private static final long serialVersionUID = 1L;
    private static final double LINE = 12;
    private static final double APART = 5;

    private final transient List<Label> labels = new ArrayList<>();

    /** Room that they take on the right, as a share of the axis. */
    static final double MARGIN = 0.06;

    private record Label(String text, double x, double y, Color colour) {}

    void add(String text, double x, double y, Color colour) {
        if (!Double.isNaN(y)) {
            labels.add(new Label(text, x, y, colour));
        }
    }

    @Override
    public void draw(
            Graphics2D graphics,
            XYPlot plot,
            Rectangle2D area,
            ValueAxis across,
            ValueAxis up,
            int rendererIndex,
            PlotRenderingInfo info) {
        List<Label> fromTop = new ArrayList<>(labels);
        fromTop.sort(Comparator.comparingDouble((Label label) -> -label.y()));
        double[] heights = new double[fromTop.size()];
        for (int i = 0; i < heights.length; i++) {
            double here = up.valueToJava2D(fromTop.get(i).y(), area, RectangleEdge.LEFT);
            heights[i] = i == 0 ? here : Math.max(here, heights[i - 1] + LINE);
        }
        double lowest = area.getMaxY() - LINE / 2;
        for (int i = heights.length - 1; i >= 0; i--) {
            heights[i] = Math.min(heights[i], lowest);
            lowest = heights[i] - LINE;
        }
        graphics.setFont(ChartStyle.SMALL);
        for (int i = 0; i < heights.length; i++) {
            Label label = fromTop.get(i);
            graphics.setPaint(label.colour());
            float x = (float) (across.valueToJava2D(label.x(), area, RectangleEdge.BOTTOM) + APART);
            TextUtils.drawAlignedString(label.text(), graphics, x, (float) heights[i], TextAnchor.CENTER_LEFT);
        }
    }
}
