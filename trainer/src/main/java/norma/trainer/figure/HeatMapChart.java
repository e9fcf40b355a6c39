package norma.trainer.figure;

import java.awt.Color;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.LookupPaintScale;
import org.jfree.chart.renderer.xy.XYBlockRenderer;
import org.jfree.chart.title.PaintScaleLegend;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.DefaultXYZDataset;

/** A matrix as colours with a bar that tells their values; the first row is at the top. */
public final class HeatMapChart {
    private static final int SHADES = 128;
    private static final int TALLEST_ROW = 34;
    private static final int AROUND = 190;

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
     * @param width of the figure in pixels
     */
    public static Figure of(
            String title,
            String subtitle,
            String x,
            List<String> columns,
            String y,
            List<String> rows,
            double[][] values,
            String unit,
            Scale scale,
            double low,
            double high,
            int width) {
        int n = values.length;
        int m = values[0].length;
        DefaultXYZDataset dataset = new DefaultXYZDataset();
        dataset.addSeries("values", cells(values, low, high));
        SymbolAxis up = ChartStyle.styled(new SymbolAxis(y, rows.toArray(String[]::new)));
        up.setInverted(true);
        up.setRange(-0.5, n - 0.5);
        up.setGridBandsVisible(false);
        NumberAxis across = columns.isEmpty()
                ? ChartStyle.countAxis(x)
                : ChartStyle.styled(new SymbolAxis(x, columns.toArray(String[]::new)));
        if (across instanceof SymbolAxis symbols) {
            symbols.setGridBandsVisible(false);
            symbols.setVerticalTickLabels(m > 16);
        }
        across.setRange(-0.5, m - 0.5);
        XYPlot plot = ChartStyle.panel(across, up);
        plot.setBackgroundPaint(new Color(200, 200, 200));
        plot.setDomainGridlinesVisible(false);
        plot.setRangeGridlinesVisible(false);
        plot.setDataset(dataset);
        XYBlockRenderer blocks = new XYBlockRenderer();
        LookupPaintScale paints = paints(scale, low, high);
        blocks.setPaintScale(paints);
        plot.setRenderer(blocks);
        JFreeChart chart = ChartStyle.chart(title, subtitle, plot, new LegendItemCollection());
        NumberAxis colours = ChartStyle.axis(unit);
        colours.setTickUnit(ChartStyle.roundTicks(high - low));
        PaintScaleLegend bar = new PaintScaleLegend(paints, colours);
        bar.setPosition(RectangleEdge.RIGHT);
        bar.setStripWidth(14);
        bar.setMargin(new RectangleInsets(10, 14, 40, 8));
        bar.setBackgroundPaint(Color.WHITE);
        chart.addSubtitle(bar);
        // Antialiasing would draw a light seam between blocks.
        chart.setAntiAlias(false);
        return new Figure(chart, width, AROUND + Math.max(150, Math.min(TALLEST_ROW, 900 / n) * n));
    }

    private static double[][] cells(double[][] values, double low, double high) {
        int m = values[0].length;
        double[][] cells = new double[3][values.length * m];
        for (int row = 0; row < values.length; row++) {
            for (int column = 0; column < m; column++) {
                int at = row * m + column;
                cells[0][at] = column;
                cells[1][at] = row;
                double value = values[row][column];
                cells[2][at] = Double.isNaN(value) ? value : Math.max(low, Math.min(high, value));
            }
        }
        return cells;
    }

    private static LookupPaintScale paints(Scale scale, double low, double high) {
        LookupPaintScale paints = new LookupPaintScale(low, high, new Color(200, 200, 200));
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
