package norma.trainer.blocks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Gradients of a function in plain Java doubles. */
final class FiniteDifferences {
    private static final double STEP = 1e-6;

    private FiniteDifferences() {}

    /**
     * The gradients of sum(direction * output) by central differences.
     *
     * @param output of what is given
     * @param given by name; it is as it was afterwards
     */
    static Map<String, double[]> of(
            Function<Map<String, double[]>, double[]> output, Map<String, double[]> given, double[] direction) {
        Map<String, double[]> gradients = new LinkedHashMap<>();
        given.forEach((name, values) -> {
            double[] gradient = new double[values.length];
            for (int i = 0; i < values.length; i++) {
                double kept = values[i];
                values[i] = kept + STEP;
                double above = dot(output.apply(given), direction);
                values[i] = kept - STEP;
                double below = dot(output.apply(given), direction);
                values[i] = kept;
                gradient[i] = (above - below) / (2 * STEP);
            }
            gradients.put(name, gradient);
        });
        return gradients;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
