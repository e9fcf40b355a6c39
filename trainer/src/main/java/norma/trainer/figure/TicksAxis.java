package norma.trainer.figure;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.Range;

/** An axis with ticks at given places only. */
final class TicksAxis extends NumberAxis {
    private static final long serialVersionUID = 1L;
    /** Labels nearer than this share of the axis would lie over each other. */
    private static final double APART = 0.07;

    private static final double DECADE = Math.log(10);

    private final List<Double> places;
    private final List<String> labels;

    private TicksAxis(String label, Range range, List<Double> places, List<String> labels) {
        super(label);
        this.places = List.copyOf(places);
        this.labels = List.copyOf(labels);
        ChartStyle.styled(this);
        setRange(range);
    }

    /** Numbers of columns; those too near to each other for labels of their own share one. */
    static TicksAxis columns(String label, Range range, List<Integer> columns) {
        List<Integer> ascending = columns.stream().sorted().toList();
        List<Double> places = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        int labelled = -1;
        for (int column : ascending) {
            if (labelled >= 0 && column - places.get(labelled) < APART * range.getLength()) {
                labels.set(labelled, labels.get(labelled) + ", " + column);
                labels.add("");
            } else {
                labelled = places.size();
                labels.add(Integer.toString(column));
            }
            places.add((double) column);
        }
        return new TicksAxis(label, range, places, labels);
    }

    /** Round perplexities beside losses: the perplexity is exp(loss). */
    static TicksAxis perplexity(Range nats) {
        List<Double> perplexities = roundPerplexities(nats.getLowerBound(), nats.getUpperBound());
        return new TicksAxis(
                "perplexity",
                nats,
                perplexities.stream().map(Math::log).toList(),
                perplexities.stream().map(TicksAxis::rounded).toList());
    }

    private static List<Double> roundPerplexities(double low, double high) {
        List<Double> all = new ArrayList<>();
        double decades = (high - low) / DECADE;
        if (decades < 0.7) {
            double step = ChartStyle.roundStep(Math.exp(high) - Math.exp(low));
            for (double at = Math.ceil(Math.exp(low) / step); at * step <= Math.exp(high); at++) {
                all.add(at * step);
            }
            return all;
        }
        int every = (int) Math.ceil(decades / 8);
        for (int power = (int) Math.floor(low / DECADE); power <= Math.min(300, high / DECADE); power += every) {
            for (int leading : decades < 3 ? new int[] {1, 2, 5} : new int[] {1}) {
                double at = leading * Math.pow(10, power);
                if (Math.log(at) >= low && Math.log(at) <= high) {
                    all.add(at);
                }
            }
        }
        return all;
    }

    private static String rounded(double perplexity) {
        if (perplexity >= 1e7) {
            return String.format(Locale.ROOT, "%.0e", perplexity);
        }
        return ChartStyle.decimal(0, 3).format(perplexity);
    }

    @Override
    public List<NumberTick> refreshTicks(Graphics2D graphics, AxisState state, Rectangle2D area, RectangleEdge edge) {
        TextAnchor anchor = RectangleEdge.isTopOrBottom(edge) ? TextAnchor.BOTTOM_CENTER : TextAnchor.CENTER_LEFT;
        List<NumberTick> ticks = new ArrayList<>();
        for (int i = 0; i < places.size(); i++) {
            ticks.add(new NumberTick(places.get(i), labels.get(i), anchor, TextAnchor.CENTER, 0));
        }
        return ticks;
    }
}
