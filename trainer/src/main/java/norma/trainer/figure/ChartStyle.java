package norma.trainer.figure;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.LegendItemSource;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.FlowArrangement;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.VerticalAlignment;

/** Fonts, colours and lines that all figures share. */
final class ChartStyle {
    /**
     * Told apart by colour-blind readers too (Okabe and Ito 2008); black is a reference, and the yellow is too pale.
     */
    static final List<Color> COLOURS = List.of(
            new Color(0xd5, 0x5e, 0x00),
            new Color(0x00, 0x72, 0xb2),
            new Color(0x00, 0x9e, 0x73),
            new Color(0xcc, 0x79, 0xa7),
            new Color(0xe6, 0x9f, 0x00),
            new Color(0x56, 0xb4, 0xe9));

    /** For what several other things are compared with: apart in print as well. */
    static final List<Color> GREYS = List.of(new Color(110, 110, 110), new Color(60, 60, 60), new Color(160, 160, 160));

    static final Color GREY = new Color(120, 120, 120);
    static final Color FAINT_GREY = new Color(120, 120, 120, 70);
    static final Color PALE_GREY = new Color(195, 195, 195);
    static final Color BLUE_GREY = new Color(0x56, 0x74, 0x9a);
    static final Stroke THIN = line(0.5f);
    static final Stroke MEDIUM = line(1.1f);
    static final Stroke THICK = line(1.7f);
    static final Stroke BROAD = line(5f);
    static final Stroke DASHED = broken(1.1f, 6, 4);
    static final Stroke DOTTED = broken(1.1f, 2, 3);
    static final Stroke MARK = broken(0.9f, 3, 2);
    static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 16);
    static final Font HEADING = new Font(Font.SANS_SERIF, Font.BOLD, 13);
    static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    /** Long enough to show a pattern. */
    private static final Shape SWATCH = new Line2D.Double(-16, 0, 16, 0);

    private static final Color GRID = new Color(225, 225, 225);

    private ChartStyle() {}

    /** Axes with a heading on the left, which may be empty, and the legend below it. */
    static JFreeChart chart(String heading, Plot plot, LegendItemCollection legend) {
        JFreeChart chart = new JFreeChart(null, HEADING, plot, false);
        chart.setBackgroundPaint(Color.WHITE);
        if (!heading.isEmpty()) {
            chart.setTitle(Titles.of(heading, HEADING, 6, 2));
        }
        if (legend.getItemCount() > 0) {
            chart.addSubtitle(legend(legend));
        }
        chart.setAntiAlias(true);
        chart.setTextAntiAlias(true);
        hints().forEach(chart.getRenderingHints()::put);
        return chart;
    }

    private static LegendTitle legend(LegendItemCollection items) {
        LegendItemSource source = () -> items;
        FlowArrangement rows = new FlowArrangement(HorizontalAlignment.LEFT, VerticalAlignment.CENTER, 8, 0);
        LegendTitle legend = new LegendTitle(source, rows, rows);
        legend.setPosition(RectangleEdge.TOP);
        legend.setHorizontalAlignment(HorizontalAlignment.LEFT);
        legend.setItemFont(SMALL);
        legend.setLegendItemGraphicPadding(new RectangleInsets(2, 4, 2, 4));
        legend.setItemLabelPadding(new RectangleInsets(1, 0, 1, 4));
        legend.setMargin(0, 8, 2, 4);
        return legend;
    }

    /** Lines where they are, not snapped to pixels, and letters as wide in every format. */
    static void hint(Graphics2D graphics) {
        hints().forEach(graphics::setRenderingHint);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    }

    private static Map<RenderingHints.Key, Object> hints() {
        return Map.of(
                RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE,
                RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
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
        axis.setUpperMargin(0.01);
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
        axis.setLabelFont(SMALL);
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

    /** A line with its points. */
    static LegendItem item(String label, Color colour, Stroke stroke, Shape marker) {
        return new LegendItem(
                label, null, null, null, true, marker, true, colour, false, colour, stroke, true, SWATCH, stroke,
                colour);
    }

    static LegendItem point(String label, Color colour, Shape shape) {
        return new LegendItem(label, null, null, null, shape, colour);
    }

    /** A shape that is not filled. */
    static LegendItem outline(String label, Color colour, Shape shape) {
        return new LegendItem(label, null, null, null, shape, Color.WHITE, MEDIUM, colour);
    }

    /** The colour of one of several lines. */
    static Color colour(int number) {
        return COLOURS.get(number % COLOURS.size());
    }

    /**
     * The stroke of one of several lines: unbroken, dashed, dotted, dashed and dotted, long dashes, dash and two dots.
     * So they are told apart without colours, and where one lies on another both are seen.
     */
    static Stroke pattern(int number, float width) {
        return switch (number % 6) {
            case 0 -> line(width);
            case 1 -> broken(width, 8, 5);
            case 2 -> broken(width, 2, 3);
            case 3 -> broken(width, 9, 3, 2, 3);
            case 4 -> broken(width, 15, 5);
            default -> broken(width, 9, 3, 2, 3, 2, 3);
        };
    }

    /** The point of one of several lines, the smaller the later it is drawn. */
    static Shape marker(int number) {
        return switch (number % 6) {
            case 0 -> new Ellipse2D.Double(-3.8, -3.8, 7.6, 7.6);
            case 1 -> new Rectangle2D.Double(-3, -3, 6, 6);
            case 2 -> polygon(0, -4, 3.6, 2.6, -3.6, 2.6);
            case 3 -> polygon(0, -3.6, 3.6, 0, 0, 3.6, -3.6, 0);
            case 4 -> polygon(0, 3.4, 3.2, -2.4, -3.2, -2.4);
            default -> new Ellipse2D.Double(-1.8, -1.8, 3.6, 3.6);
        };
    }

    private static Shape polygon(double... corners) {
        Path2D.Double path = new Path2D.Double();
        path.moveTo(corners[0], corners[1]);
        for (int i = 2; i < corners.length; i += 2) {
            path.lineTo(corners[i], corners[i + 1]);
        }
        path.closePath();
        return path;
    }

    private static Stroke broken(float width, float... lengths) {
        return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, lengths, 0);
    }

    static Stroke line(float width) {
        return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND);
    }
}
