package norma.trainer.figure;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import org.jfree.chart.block.LengthConstraintType;
import org.jfree.chart.block.RectangleConstraint;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.title.Title;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.data.Range;

/** Headings on the left, and how high they are where they wrap. */
final class Titles {
    private static final double ANY_HEIGHT = 100_000;

    private Titles() {}

    static TextTitle of(String text, Font font, double above, double below) {
        TextTitle title = new TextTitle(text, font);
        title.setHorizontalAlignment(HorizontalAlignment.LEFT);
        title.setTextAlignment(HorizontalAlignment.LEFT);
        title.setMargin(above, 8, below, 8);
        return title;
    }

    /** As JFreeChart arranges a title, above its plot. */
    static double height(Title title, Graphics2D graphics, double width) {
        Range widths = new Range(0, width);
        Range heights = new Range(0, ANY_HEIGHT);
        return title.arrange(
                        graphics,
                        new RectangleConstraint(
                                width,
                                widths,
                                LengthConstraintType.RANGE,
                                ANY_HEIGHT,
                                heights,
                                LengthConstraintType.RANGE))
                .getHeight();
    }

    /** Draws a heading, and gives how high it is. */
    static double draw(TextTitle title, Graphics2D graphics, double x, double y, double width) {
        double height = height(title, graphics, width);
        title.draw(graphics, new Rectangle2D.Double(x, y, width, height));
        return height;
    }
}
