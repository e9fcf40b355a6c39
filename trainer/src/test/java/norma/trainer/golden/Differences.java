package norma.trainer.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** How far numbers are from a reference; NaN where one of them is. */
public final class Differences {
    private Differences() {}

    /** The largest. */
    public static double max(float[] ours, float[] theirs) {
        return all(ours, theirs).reduce(0, (a, b) -> Double.isNaN(a) || Double.isNaN(b) ? Double.NaN : Math.max(a, b));
    }

    /** Half of them are smaller. */
    public static double median(float[] ours, float[] theirs) {
        double[] sorted = all(ours, theirs).sorted().toArray();
        return Double.isNaN(sorted[sorted.length - 1]) ? Double.NaN : sorted[sorted.length / 2];
    }

    /** Their mean. */
    public static double mean(float[] ours, float[] theirs) {
        return all(ours, theirs).sum() / ours.length;
    }

    private static DoubleStream all(float[] ours, float[] theirs) {
        assertThat(ours).hasSameSizeAs(theirs);
        return IntStream.range(0, ours.length).mapToDouble(i -> Math.abs((double) ours[i] - theirs[i]));
    }
}
