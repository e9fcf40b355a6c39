package norma.trainer.figure;

import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import org.jfree.chart.annotations.AbstractXYAnnotation;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.PlotRenderingInfo;
import org.jfree.chart.plot.XYPlot;

/**
 * The cells of a heat map as one image that fills its axes. As shapes of their own, tens of thousands of cells would
 * make a file of many megabytes, and viewers draw light seams between them.
 */
final class HeatImage extends AbstractXYAnnotation {
    private static final long serialVersionUID = 1L;
    /** So many pixels a side that a viewer which smooths images does not blur the edges of cells. */
    private static final int PIXELS = 1600;

    private final transient BufferedImage image;

    /** @param colours (rows, columns), the first row at the top */
    HeatImage(int[][] colours) {
        int columns = colours[0].length;
        int wide = Math.max(1, PIXELS / columns);
        int high = Math.max(1, PIXELS / 2 / colours.length);
        image = new BufferedImage(columns * wide, colours.length * high, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, colours[y / high][x / wide]);
            }
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
        AffineTransform place = AffineTransform.getTranslateInstance(area.getX(), area.getY());
        place.scale(area.getWidth() / image.getWidth(), area.getHeight() / image.getHeight());
        graphics.drawImage(image, place, null);
    }
}
