package norma.trainer.figure;

import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.plot.PlotRenderingInfo;
import org.jfree.chart.plot.PlotState;

/** Figures of equal size in rows and columns, as one figure. */
public final class FigureGrid {
    private static final int HEAD = 70;
    private static final int LEGEND_ITEM = 13; // two of them in a line

    private FigureGrid() {}

    /**
     * One figure of several.
     *
     * @param panels in reading order, all of the size of the first
     * @param columns panels in a row
     */
    public static Figure of(String title, String subtitle, List<Figure> panels, int columns) {
        return of(title, subtitle, panels, columns, new LegendItemCollection());
    }

    /**
     * The same with a legend below.
     *
     * @param marked names of what all panels mark in the shared colours, in their order
     */
    public static Figure of(String title, String subtitle, List<Figure> panels, int columns, List<String> marked) {
        LegendItemCollection legend = new LegendItemCollection();
        for (int i = 0; i < marked.size(); i++) {
            legend.add(ChartStyle.item(
                    marked.get(i), ChartStyle.COLOURS.get(i % ChartStyle.COLOURS.size()), ChartStyle.THICK));
        }
        return of(title, subtitle, panels, columns, legend);
    }

    /** The same with a legend below that holds for all panels. */
    static Figure of(String title, String subtitle, List<Figure> panels, int columns, LegendItemCollection legend) {
        Panels plot = new Panels(List.copyOf(panels), columns);
        int width = columns * panels.get(0).width();
        int height = HEAD + plot.rows() * panels.get(0).height() + LEGEND_ITEM * legend.getItemCount();
        return new Figure(ChartStyle.chart(title, subtitle, plot, legend), width, height);
    }

    /** Draws charts side by side where a chart draws its plot. */
    private static final class Panels extends Plot {
        private static final long serialVersionUID = 1L;

        private final transient List<Figure> panels;
        private final int columns;

        Panels(List<Figure> panels, int columns) {
            this.panels = panels;
            this.columns = columns;
            setInsets(org.jfree.chart.ui.RectangleInsets.ZERO_INSETS);
        }

        int rows() {
            return (panels.size() + columns - 1) / columns;
        }

        @Override
        public String getPlotType() {
            return "panels";
        }

        @Override
        public void draw(
                Graphics2D graphics, Rectangle2D area, Point2D anchor, PlotState state, PlotRenderingInfo info) {
            Shape clip = graphics.getClip();
            graphics.clip(area);
            // Whole pixels, or the cells of heat maps would differ in size from panel to panel.
            int width = (int) (area.getWidth() / columns);
            int height = (int) (area.getHeight() / rows());
            for (int i = 0; i < panels.size(); i++) {
                int row = i / columns;
                double x = Math.rint(area.getX()) + (double) (i % columns) * width;
                double y = Math.rint(area.getY()) + (double) row * height;
                panels.get(i).chart().draw(graphics, new Rectangle2D.Double(x, y, width, height));
            }
            graphics.setClip(clip);
        }
    }
}
