package norma.trainer.figure;

import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.plot.PlotRenderingInfo;
import org.jfree.chart.plot.PlotState;

/** Figures of equal size in rows and columns, as one figure. */
public final class FigureGrid {
    private static final int HEAD = 70;

    private FigureGrid() {}

    /**
     * One figure of several.
     *
     * @param panels in reading order, all of the size of the first
     * @param columns panels in a row
     */
    public static Figure of(String title, String subtitle, List<Figure> panels, int columns) {
        int rows = (panels.size() + columns - 1) / columns;
        int width = panels.get(0).width();
        int height = panels.get(0).height();
        JFreeChart chart = ChartStyle.chart(
                title, subtitle, new Panels(List.copyOf(panels), columns, width, height), new LegendItemCollection());
        return new Figure(chart, columns * width, HEAD + rows * height);
    }

    /** Draws charts side by side where a chart draws its plot. */
    private static final class Panels extends Plot {
        private static final long serialVersionUID = 1L;

        private final transient List<Figure> panels;
        private final int columns;
        private final int width;
        private final int height;

        Panels(List<Figure> panels, int columns, int width, int height) {
            this.panels = panels;
            this.columns = columns;
            this.width = width;
            this.height = height;
            setInsets(org.jfree.chart.ui.RectangleInsets.ZERO_INSETS);
        }

        @Override
        public String getPlotType() {
            return "panels";
        }

        @Override
        public void draw(
                Graphics2D graphics, Rectangle2D area, Point2D anchor, PlotState state, PlotRenderingInfo info) {
            Shape clip = graphics.getClip();
            AffineTransform transform = graphics.getTransform();
            graphics.clip(area);
            graphics.translate(area.getX(), area.getY());
            graphics.scale(
                    area.getWidth() / (columns * width),
                    area.getHeight() / (height * ((panels.size() + columns - 1) / columns)));
            for (int i = 0; i < panels.size(); i++) {
                int row = i / columns;
                int column = i % columns;
                Rectangle2D place =
                        new Rectangle2D.Double((double) column * width, (double) row * height, width, height);
                panels.get(i).chart().draw(graphics, place);
            }
            graphics.setTransform(transform);
            graphics.setClip(clip);
        }
    }
}
