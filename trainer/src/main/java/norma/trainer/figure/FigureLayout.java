package norma.trainer.figure;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.jfree.chart.axis.AxisSpace;
import org.jfree.chart.title.TextTitle;

/**
 * Where everything in a figure lies at one width. Lengths are in units, of which {@link FigureWidth} says how long they
 * are on paper; text is measured once, on an image, so that all formats are laid out alike.
 */
final class FigureLayout {
    private static final double NARROWEST_PANEL = 270;
    private static final double GAP = 6;

    private final TextTitle title;
    private final TextTitle subtitle;
    private final double width;
    private final List<Row> rows = new ArrayList<>();
    private final double head;

    /** Panels side by side: those of the last row share its width, so that no place stays empty. */
    private record Row(List<Panel> panels, double width, List<Double> heads, double head, double plot) {}

    FigureLayout(Figure figure, double width) {
        this.width = width;
        title = Titles.of(figure.title(), ChartStyle.TITLE, 6, figure.subtitle().isEmpty() ? 4 : 0);
        subtitle = figure.subtitle().isEmpty() ? null : Titles.of(figure.subtitle(), ChartStyle.TEXT, 2, 6);
        Graphics2D measure = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
        try {
            ChartStyle.hint(measure);
            head = Titles.height(title, measure, width)
                    + (subtitle == null ? 0 : Titles.height(subtitle, measure, width));
            int most = Math.max(1, (int) (width / NARROWEST_PANEL));
            int columns = Math.min(figure.columns(), most);
            List<Panel> panels = figure.panels();
            for (int from = 0; from < panels.size(); from += columns) {
                rows.add(row(panels.subList(from, Math.min(panels.size(), from + columns)), measure));
            }
            if (columns == 1) {
                align(panels, measure);
            }
        } finally {
            measure.dispose();
        }
    }

    private Row row(List<Panel> panels, Graphics2D measure) {
        double each = Math.floor(width / panels.size());
        List<Double> heads =
                panels.stream().map(panel -> panel.headHeight(measure, each)).toList();
        return new Row(
                panels,
                each,
                heads,
                heads.stream().mapToDouble(Double::doubleValue).max().orElse(0),
                panels.stream()
                        .mapToDouble(panel -> panel.plotHeight(each))
                        .max()
                        .orElse(0));
    }

    private void align(List<Panel> panels, Graphics2D measure) {
        AxisSpace widest = new AxisSpace();
        for (Panel panel : panels) {
            AxisSpace space = panel.axisSpace(measure, width);
            widest.setLeft(Math.max(widest.getLeft(), space.getLeft()));
            widest.setRight(Math.max(widest.getRight(), space.getRight()));
        }
        panels.forEach(panel -> panel.align(widest));
    }

    double height() {
        return Math.ceil(head + rows.stream().mapToDouble(this::height).sum());
    }

    private double height(Row row) {
        return row.head() + row.plot() + GAP;
    }

    void draw(Graphics2D graphics) {
        ChartStyle.hint(graphics);
        graphics.setColor(Color.WHITE);
        graphics.fill(new Rectangle2D.Double(0, 0, width, height()));
        double y = Titles.draw(title, graphics, 0, 0, width);
        if (subtitle != null) {
            Titles.draw(subtitle, graphics, 0, y, width);
        }
        y = head;
        for (Row row : rows) {
            for (int i = 0; i < row.panels().size(); i++) {
                row.panels()
                        .get(i)
                        .draw(
                                graphics,
                                new Rectangle2D.Double(i * row.width(), y, row.width(), row.head() + row.plot()),
                                row.head() - row.heads().get(i));
            }
            y += height(row);
        }
    }
}
