package norma.trainer.golden;

import java.util.Map;
import norma.trainer.safetensors.HostTensor;

/** What tests compute in double precision, one number after the other. */
public final class ByHand {
    private ByHand() {}

    /**
     * W x + b.
     *
     * @param name of the layer, {@code name.weight} [out, in] and {@code name.bias}
     */
    public static double[] linear(Map<String, HostTensor> weights, String name, float[] x) {
        float[] weight = weights.get(name + ".weight").values();
        float[] bias = weights.get(name + ".bias").values();
        double[] y = new double[bias.length];
        for (int out = 0; out < y.length; out++) {
            y[out] = bias[out];
            for (int in = 0; in < x.length; in++) {
                y[out] += (double) weight[out * x.length + in] * x[in];
            }
        }
        return y;
    }

    /** x Phi(x), with Phi by its power series. */
    public static double gelu(double x) {
        double term = x;
        double series = x;
        for (int n = 1; Math.abs(term) > 1e-18 && n < 200; n++) {
            term *= x * x / (2 * n + 1);
            series += term;
        }
        double phi = 0.5 + series * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
        return x * phi;
    }
}
