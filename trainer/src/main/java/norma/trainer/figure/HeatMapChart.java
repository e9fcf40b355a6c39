package norma.trainer.figure;

import java.awt.Color;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.LookupPaintScale;
import org.jfree.chart.title.PaintScaleLegend;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;

/** A matrix as colours with a bar that tells their values; the first row is at the top. */
public final class HeatMapChart {
    private static final int SHADES = 128;
    private static final Color NOTHING = new Color(200, 200, 200);
    private static final double SHORTEST_ROW = 15.5; // below this the labels of rows would lie over each other
    private static final double TALLEST_ROW = 20;
    private static final double ROWS = 300;
    private static final double AXES = 62;
    private static final int LONG_ROW_OF_LABELS = 16;

    private HeatMapChart() {}

    /** Which colours. */
    public enum Scale {
        /** White at the lowest value, dark blue at the highest. */
        SEQUENTIAL,
        /** White at 0, blue below, orange above, as far to both sides. */
        DIVERGING
    }

    /**
     * A heat map.
     *
     * @param x label of the columns
     * @param columns a label a column, or an empty list for their numbers
     * @param y label of the rows
     * @param rows a label a row
     * @param values (rows, columns); NaN is grey
     * @param unit what the colours mean
     * @param low the lowest colour's value; beyond it nothing changes
     * @param high the highest colour's
     */
    public static Panel of(
            String heading,
            String x,
            List<String> columns,
            String y,
            List<String> rows,
            double[][] values,
            String unit,
            Scale scale,
            double low,
            double high) {
        int n = values.length;
        int m = values[0].length;
        SymbolAxis up = ChartStyle.styled(new SymbolAxis(y, rows.toArray(String[]::new)));
        up.setInverted(true);
        up.setRange(-0.5, n - 0.5);
        up.setGridBandsVisible(false);
        NumberAxis across = columns.isEmpty()
                ? ChartStyle.countAxis(x)
                : ChartStyle.styled(new SymbolAxis(x, columns.toArray(String[]::new)));
        int longest = columns.stream().mapToInt(String::length).max().orElse(0);
        boolean vertical = m > LONG_ROW_OF_LABELS || longest > 2;
        if (across instanceof SymbolAxis symbols) {
            symbols.setGridBandsVisible(false);
            symbols.setVerticalTickLabels(vertical);
        }
        across.setRange(-0.5, m - 0.5);
        XYPlot plot = ChartStyle.panel(across, up);
        plot.setDomainGridlinesVisible(false);
        plot.setRangeGridlinesVisible(false);
        LookupPaintScale paints = paints(scale, low, high);
        plot.addAnnotation(new HeatImage(colours(values, paints)));
        JFreeChart chart = ChartStyle.chart(heading, plot, new LegendItemCollection());
        chart.addSubtitle(bar(paints, unit, low, high));
        double below = AXES + (vertical && !columns.isEmpty() ? 6.5 * longest : 0);
        double rowHeight = Math.max(SHORTEST_ROW, Math.min(TALLEST_ROW, ROWS / n));
        return new Panel(chart, width -> below + Math.max(110, rowHeight * n));
    }

    private static PaintScaleLegend bar(LookupPaintScale paints, String unit, double low, double high) {
        NumberAxis colours = ChartStyle.axis(unit);
        colours.setTickUnit(ChartStyle.roundTicks(high - low));
        PaintScaleLegend bar = new PaintScaleLegend(paints, colours);
        bar.setPosition(RectangleEdge.RIGHT);
        bar.setStripWidth(12);
        bar.setMargin(new RectangleInsets(8, 0, 40, 8));
        bar.setBackgroundPaint(Color.WHITE);
        return bar;
    }

    private static int[][] colours(double[][] values, LookupPaintScale paints) {
        int[][] colours = new int[values.length][values[0].length];
        for (int row = 0; row < values.length; row++) {
            for (int column = 0; column < values[row].length; column++) {
                double value = values[row][column];
                double shown = Math.max(paints.getLowerBound(), Math.min(paints.getUpperBound(), value));
                Color colour = Double.isNaN(value) ? NOTHING : (Color) paints.getPaint(shown);
                colours[row][column] = colour.getRGB();
            }
        }
        return colours;
    }

    private static LookupPaintScale paints(Scale scale, double low, double high) {
        LookupPaintScale paints = new LookupPaintScale(low, high, NOTHING);
        for (int i = 0; i < SHADES; i++) {
            double at = i / (double) (SHADES - 1);
            Color colour =
                    switch (scale) {
                        case SEQUENTIAL -> between(Color.WHITE, new Color(0x08, 0x30, 0x6b), at);
                        case DIVERGING ->
                            at < 0.5
                                    ? between(new Color(0x00, 0x4c, 0x8c), Color.WHITE, 2 * at)
                                    : between(Color.WHITE, new Color(0xc2, 0x4a, 0x00), 2 * at - 1);
                    };
            paints.add(low + (high - low) * i / SHADES, colour);
        }
        return paints;
    }

    private static Color between(Color a, Color b, double share) {
        return new Color(
                (int) Math.round(a.getRed() + share * (b.getRed() - a.getRed())),
                (int) Math.round(a.getGreen() + share * (b.getGreen() - a.getGreen())),
                (int) Math.round(a.getBlue() + share * (b.getBlue() - a.getBlue())));
    }
}
