package norma.trainer.figure;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.LegendItemSource;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;

/** Fonts, colours and lines that all figures share. */
final class ChartStyle {
    /** Told apart by colour-blind readers too (Okabe and Ito 2008), black and the pale yellow left out. */
    static final List<Color> COLOURS = List.of(
            new Color(0xd5, 0x5e, 0x00),
            new Color(0x00, 0x72, 0xb2),
            new Color(0x00, 0x9e, 0x73),
            new Color(0xcc, 0x79, 0xa7),
            new Color(0xe6, 0x9f, 0x00),
            new Color(0x56, 0xb4, 0xe9),
            new Color(0x7a, 0x3e, 0x9d),
            new Color(0x8b, 0x5a, 0x2b));

    static final Color GREY = new Color(120, 120, 120);
    /** For what several other things are compared with: apart in print as well. */
    static final List<Color> GREYS = List.of(GREY, new Color(50, 50, 50), new Color(175, 175, 175));

    static final Color FAINT_GREY = new Color(120, 120, 120, 70);
    static final Color BLUE_GREY = new Color(0x56, 0x74, 0x9a);
    static final Stroke THIN = line(0.5f);
    static final Stroke MEDIUM = line(1.2f);
    static final Stroke THICK = line(1.9f);
    static final Stroke BROAD = line(5f);
    static final Stroke DASHED = broken(1.2f, 6, 4);
    static final Stroke DOTTED = broken(1.2f, 2, 3);
    static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 18);
    static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
    static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    private static final Shape SWATCH = new Line2D.Double(-10, 0, 10, 0);
    private static final Color GRID = new Color(225, 225, 225);

    private ChartStyle() {}

    /** A chart with its title, a second line, and the legend below. */
    static JFreeChart chart(String title, String subtitle, Plot plot, LegendItemCollection legend) {
        JFreeChart chart = new JFreeChart(title, TITLE, plot, false);
        chart.setBackgroundPaint(Color.WHITE);
        chart.getTitle().setMargin(8, 0, 0, 0);
        TextTitle second = new TextTitle(subtitle, TEXT);
        second.setMargin(2, 0, 6, 0);
        chart.addSubtitle(second);
        if (legend.getItemCount() > 0) {
            LegendItemSource source = () -> legend;
            LegendTitle below = new LegendTitle(source);
            below.setPosition(RectangleEdge.BOTTOM);
            below.setItemFont(TEXT);
            below.setLegendItemGraphicPadding(new RectangleInsets(3, 12, 3, 4));
            below.setMargin(2, 20, 10, 20);
            chart.addSubtitle(below);
        }
        chart.setAntiAlias(true);
        chart.setTextAntiAlias(true);
        chart.getRenderingHints().put(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        return chart;
    }

    /** An empty panel; its horizontal axis may come from the plot around it. */
    static XYPlot panel(ValueAxis x, ValueAxis y) {
        XYPlot panel = new XYPlot(null, x, y, null);
        panel.setBackgroundPaint(Color.WHITE);
        panel.setDomainGridlinePaint(GRID);
        panel.setRangeGridlinePaint(GRID);
        panel.setDomainGridlineStroke(line(0.8f));
        panel.setRangeGridlineStroke(line(0.8f));
        panel.setOutlinePaint(new Color(150, 150, 150));
        panel.setDatasetRenderingOrder(DatasetRenderingOrder.FORWARD);
        return panel;
    }

    static NumberAxis axis(String label) {
        return styled(new NumberAxis(label));
    }

    /** An axis of whole numbers with a little room at both ends. */
    static NumberAxis countAxis(String label) {
        NumberAxis axis = axis(label);
        axis.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        axis.setAutoRangeIncludesZero(false);
        axis.setLowerMargin(0.01);
        axis.setUpperMargin(0.02);
        return axis;
    }

    /** The distance of three to eight round ticks over a length: 1, 2 or 5 times a power of ten. */
    static double roundStep(double length) {
        double power = Math.pow(10, Math.floor(Math.log10(length / 5)));
        double leading = length / 5 / power;
        return power * (leading < 1.5 ? 1 : leading < 3 ? 2 : leading < 7 ? 5 : 10);
    }

    /** A format that does not depend on the reader's country. */
    static DecimalFormat decimal(int leastDecimals, int mostDecimals) {
        DecimalFormat format = new DecimalFormat("#,##0", DecimalFormatSymbols.getInstance(Locale.ROOT));
        format.setMinimumFractionDigits(leastDecimals);
        format.setMaximumFractionDigits(mostDecimals);
        return format;
    }

    /** Three to eight round ticks over a length, with as many decimals as they need. */
    static NumberTickUnit roundTicks(double length) {
        double step = roundStep(length);
        int decimals = Math.max(0, (int) -Math.floor(Math.log10(step) + 1e-9));
        return new NumberTickUnit(
                step,
                decimals <= 4
                        ? decimal(decimals, decimals)
                        : new DecimalFormat("0.#E0", DecimalFormatSymbols.getInstance(Locale.ROOT)));
    }

    static <T extends ValueAxis> T styled(T axis) {
        axis.setLabelFont(TEXT);
        axis.setTickLabelFont(SMALL);
        return axis;
    }

    static XYLineAndShapeRenderer lines(Stroke stroke) {
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
        renderer.setDrawSeriesLineAsPath(true);
        renderer.setDefaultStroke(stroke);
        renderer.setAutoPopulateSeriesStroke(false);
        return renderer;
    }

    static LegendItem item(String label, Color colour, Stroke stroke) {
        return new LegendItem(label, null, null, null, SWATCH, stroke, colour);
    }

    static LegendItem point(String label, Color colour, Shape shape) {
        return new LegendItem(label, null, null, null, shape, colour);
    }

    /**
     * The stroke of one of several lines: unbroken, dashed, dotted, dashed and dotted. So they are told apart without
     * colours, and where one lies on another both are seen.
     */
    static Stroke pattern(int number, float width) {
        return switch (number % 4) {
            case 0 -> line(width);
            case 1 -> broken(width, 8, 6);
            case 2 -> broken(width, 2, 4);
            default -> broken(width, 10, 4, 2, 4);
        };
    }

    /** The point of one of several lines, the smaller the later it is drawn. */
    static Shape marker(int number) {
        return switch (number % 4) {
            case 0 -> new Ellipse2D.Double(-4, -4, 8, 8);
            case 1 -> new Rectangle2D.Double(-2.5, -2.5, 5, 5);
            case 2 -> new Ellipse2D.Double(-2, -2, 4, 4);
            default -> new Rectangle2D.Double(-1.5, -1.5, 3, 3);
        };
    }

    private static Stroke broken(float width, float... lengths) {
        return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, lengths, 0);
    }

    static Stroke line(float width) {
        return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND);
    }
}
