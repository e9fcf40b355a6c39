package norma.trainer.figure;

import org.jfree.data.DomainOrder;
import org.jfree.data.xy.AbstractXYDataset;

/** Many lines over the same steps, for JFreeChart, which else would want a copy of every point. */
final class LinesDataset extends AbstractXYDataset {
    private static final long serialVersionUID = 1L;

    private final double[] steps;
    private final float[][] lines;

    /**
     * @param steps ascending
     * @param lines (lines, steps)
     */
    LinesDataset(double[] steps, float[][] lines) {
        this.steps = steps;
        this.lines = lines;
    }

    @Override
    public DomainOrder getDomainOrder() {
        return DomainOrder.ASCENDING;
    }

    @Override
    public int getSeriesCount() {
        return lines.length;
    }

    @Override
    public Comparable<?> getSeriesKey(int series) {
        return series;
    }

    @Override
    public int getItemCount(int series) {
        return steps.length;
    }

    @Override
    public Number getX(int series, int item) {
        return steps[item];
    }

    @Override
    public Number getY(int series, int item) {
        return lines[series][item];
    }

    @Override
    public double getXValue(int series, int item) {
        return steps[item];
    }

    @Override
    public double getYValue(int series, int item) {
        return lines[series][item];
    }
}
