package norma.trainer.blocks;

import java.util.Map;

/**
 * A self-attention block in plain Java doubles, written from its equations: dropout off, scores of padding left out.
 *
 * @param rows B
 * @param length S
 * @param heads A
 * @param width H
 * @param lengths tokens of each row that are no padding
 * @param gamma of the clipped softmax; 0 for the softmax
 * @param zeta of the clipped softmax; 1 for the softmax
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ReferenceAttention(int rows, int length, int heads, int width, int[] lengths, double gamma, double zeta) {
    /** x + attention(x), (B*S, H), of parameters by the end of their names, and of {@code x}. */
    double[] output(Map<String, double[]> given) {
        double[] x = given.get("x");
        double[] q = linear(x, given.get("self.query.weight"), given.get("self.query.bias"));
        double[] k = linear(x, given.get("self.key.weight"), given.get("self.key.bias"));
        double[] v = linear(x, given.get("self.value.weight"), given.get("self.value.bias"));
        double[] context = new double[x.length];
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < heads; head++) {
                for (int query = 0; query < length; query++) {
                    double[] probs = probs(q, k, row, head, query);
                    double gate = gate(given, row * length + query, head);
                    for (int key = 0; key < length; key++) {
                        for (int i = 0; i < headSize(); i++) {
                            context[at(row, query, head, i)] += gate * probs[key] * v[at(row, key, head, i)];
                        }
                    }
                }
            }
        }
        double[] sum = linear(context, given.get("output.dense.weight"), given.get("output.dense.bias"));
        for (int i = 0; i < sum.length; i++) {
            sum[i] += x[i];
        }
        return sum;
    }

    /**
     * What a head's gate lets through of a token, of whichever kind the gate's parameters are; 1 where there are none.
     */
    private double gate(Map<String, double[]> given, int token, int head) {
        if (given.containsKey("self.gate.inner.weight")) {
            double[] weight = given.get("self.gate.inner.weight");
            double[] last = given.get("self.gate.output.weight");
            int units = last.length / heads;
            double sum = given.get("self.gate.output.bias")[head];
            for (int unit = head * units; unit < (head + 1) * units; unit++) {
                double inner = given.get("self.gate.inner.bias")[unit];
                for (int i = 0; i < headSize(); i++) {
                    inner += weight[unit * headSize() + i] * given.get("x")[token * width + head * headSize() + i];
                }
                sum += last[unit] * Math.max(0, inner);
            }
            return 1 / (1 + Math.exp(-sum));
        }
        if (!given.containsKey("self.gate.weight")) {
            return 1;
        }
        double[] weight = given.get("self.gate.weight");
        int reads = weight.length / heads; // a head's own positions, or all
        int first = reads == width ? 0 : head * headSize();
        double sum = given.get("self.gate.bias")[head];
        for (int i = 0; i < reads; i++) {
            sum += weight[head * reads + i] * given.get("x")[token * width + first + i];
        }
        return 1 / (1 + Math.exp(-sum));
    }

    /** What a query gives to each key. */
    double[] probs(double[] q, double[] k, int row, int head, int query) {
        double[] probs = new double[length];
        double total = 0;
        for (int key = 0; key < lengths[row]; key++) {
            double product = 0;
            for (int i = 0; i < headSize(); i++) {
                product += q[at(row, query, head, i)] * k[at(row, key, head, i)];
            }
            probs[key] = Math.exp(product / Math.sqrt(headSize()));
            total += probs[key];
        }
        for (int key = 0; key < length; key++) {
            probs[key] = Math.min(1, Math.max(0, (zeta - gamma) * probs[key] / total + gamma));
        }
        return probs;
    }

    private int headSize() {
        return width / heads;
    }

    private int at(int row, int token, int head, int i) {
        return (row * length + token) * width + head * headSize() + i;
    }

    /** (B*S, H) to (B*S, H). */
    double[] linear(double[] x, double[] weight, double[] bias) {
        double[] y = new double[x.length];
        for (int n = 0; n < x.length / width; n++) {
            for (int out = 0; out < width; out++) {
                double sum = bias[out];
                for (int in = 0; in < width; in++) {
                    sum += x[n * width + in] * weight[out * width + in];
                }
                y[n * width + out] = sum;
            }
        }
        return y;
    }
}
