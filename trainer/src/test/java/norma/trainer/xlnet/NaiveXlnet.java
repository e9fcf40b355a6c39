package norma.trainer.xlnet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import norma.trainer.golden.ByHand;
import norma.trainer.safetensors.HostTensor;

/**
 * XLNet of one sequence in loops over double precision, from the equations (Yang et al. 2019, appendix A.2; Dai et al.
 * 2019, section 3.3) and Hugging Face's names: no shift, no matrices, padding wherever it is.
 *
 * @param weights by name
 * @param layers N
 * @param heads A
 * @param size D
 */
public record NaiveXlnet(Map<String, HostTensor> weights, int layers, int heads, int size) {
    /** Which keys a query may not see. */
    public interface Hidden {
        boolean hides(int query, int key);
    }

    /**
     * One sequence.
     *
     * @param real false where a token is padding
     */
    @SuppressWarnings("ArrayRecordComponent") // an argument
    public record Input(int[] ids, int[] types, boolean[] real, Hidden hidden) {}

    private int width() {
        return weights.get("transformer.mask_emb").values().length;
    }

    /**
     * The last states of both streams.
     *
     * @param asked places of the query stream
     * @return content of each token, then the query stream of each place
     */
    public double[][] run(Input input, int... asked) {
        return run(List.of(), input, asked);
    }

    /**
     * The same after another segment, whose states of each layer are put before this one's as keys and values (Dai et
     * al. 2019, section 3.2), counted as of segment 0, as Hugging Face's model does with its {@code mems}.
     *
     * @param memory inputs of each layer, as {@link #inputsOfLayers} gives them; none
     */
    public double[][] run(List<double[][]> memory, Input input, int... asked) {
        int s = input.ids().length;
        double[][] h = embedded(input);
        double[][] g = new double[asked.length][];
        Arrays.setAll(g, p -> row("transformer.mask_emb", 0));
        for (int layer = 0; layer < layers; layer++) {
            String name = "transformer.layer." + layer + ".";
            double[][] before = memory.isEmpty() ? new double[0][] : memory.get(layer);
            double[][] nextH = new double[s][];
            for (int i = 0; i < s; i++) {
                nextH[i] = layer(name, h[i], i, true, before, h, input);
            }
            for (int p = 0; p < asked.length; p++) {
                g[p] = layer(name, g[p], asked[p], false, before, h, input);
            }
            h = nextH;
        }
        double[][] both = Arrays.copyOf(h, s + asked.length);
        System.arraycopy(g, 0, both, s, asked.length);
        return both;
    }

    /** What each layer reads of a segment without predictions. */
    public List<double[][]> inputsOfLayers(Input input) {
        List<double[][]> inputs = new ArrayList<>();
        double[][] h = embedded(input);
        for (int layer = 0; layer < layers; layer++) {
            inputs.add(h);
            double[][] read = h;
            String name = "transformer.layer." + layer + ".";
            double[][] next = new double[h.length][];
            Arrays.setAll(next, i -> layer(name, read[i], i, true, new double[0][], read, input));
            h = next;
        }
        return inputs;
    }

    private double[][] embedded(Input input) {
        double[][] h = new double[input.ids().length][];
        Arrays.setAll(h, i -> row("transformer.word_embedding.weight", input.ids()[i]));
        return h;
    }

    /** Logits of a state over the vocabulary. */
    public double[] logits(double[] state) {
        double[] logits = row("lm_loss.bias", 0);
        for (int token = 0; token < logits.length; token++) {
            logits[token] += dot(row("transformer.word_embedding.weight", token), state);
        }
        return logits;
    }

    private double[] layer(
            String name, double[] x, int at, boolean content, double[][] memory, double[][] segment, Input input) {
        double[][] h = Arrays.copyOf(memory, memory.length + segment.length);
        System.arraycopy(segment, 0, h, memory.length, segment.length);
        double[] attended = x.clone();
        for (int head = 0; head < heads; head++) {
            double[] q = projected(name + "rel_attn.q", head, x);
            double[] scores = new double[h.length];
            for (int j = 0; j < h.length; j++) {
                int key = j - memory.length; // negative in the memory
                boolean hidden =
                        key >= 0 && (!input.real()[key] || input.hidden().hides(at, key));
                if (hidden && !(content && key == at)) {
                    scores[j] = Double.NEGATIVE_INFINITY;
                    continue;
                }
                double[] r = projected(name + "rel_attn.r", head, encoding(at - key));
                int side = input.types()[at] == (key < 0 ? 0 : input.types()[key]) ? 0 : 1;
                double[] sides = slice(name + "rel_attn.seg_embed", side * heads + head);
                scores[j] = (dot(
                                        sum(q, slice(name + "rel_attn.r_w_bias", head)),
                                        projected(name + "rel_attn.k", head, h[j]))
                                + dot(sum(q, slice(name + "rel_attn.r_r_bias", head)), r)
                                + dot(sum(q, slice(name + "rel_attn.r_s_bias", head)), sides))
                        / Math.sqrt(size);
            }
            double largest = Arrays.stream(scores).max().orElseThrow();
            double total = Arrays.stream(scores)
                    .map(score -> Math.exp(score - largest))
                    .sum();
            for (int j = 0; j < h.length; j++) {
                double probability = Math.exp(scores[j] - largest) / total;
                if (probability > 0) {
                    double[] v = projected(name + "rel_attn.v", head, h[j]);
                    for (int i = 0; i < attended.length; i++) {
                        attended[i] += probability * dot(slice(name + "rel_attn.o", i * heads + head), v);
                    }
                }
            }
        }
        double[] normed = norm(name + "rel_attn.layer_norm", attended);
        double[] out = sum(normed, row(name + "ff.layer_2.bias", 0));
        double[] inner = row(name + "ff.layer_1.bias", 0);
        for (int f = 0; f < inner.length; f++) {
            double activated = ByHand.gelu(inner[f] + dot(row(name + "ff.layer_1.weight", f), normed));
            for (int i = 0; i < out.length; i++) {
                out[i] += activated * row(name + "ff.layer_2.weight", i)[f];
            }
        }
        return norm(name + "ff.layer_norm", out);
    }

    private double[] encoding(int distance) {
        double[] encoding = new double[width()];
        for (int i = 0; i < encoding.length / 2; i++) {
            double angle = distance / Math.pow(10000, 2.0 * i / encoding.length);
            encoding[i] = Math.sin(angle);
            encoding[encoding.length / 2 + i] = Math.cos(angle);
        }
        return encoding;
    }

    /** x by the matrix (H, A, D) of a head. */
    private double[] projected(String name, int head, double[] x) {
        double[] result = new double[size];
        for (int i = 0; i < x.length; i++) {
            double[] row = slice(name, i * heads + head);
            for (int d = 0; d < size; d++) {
                result[d] += x[i] * row[d];
            }
        }
        return result;
    }

    /** D numbers of an array whose last axis is D. */
    private double[] slice(String name, int index) {
        return copy(name, index * size, size);
    }

    /** A row of a matrix, or a whole vector. */
    private double[] row(String name, int index) {
        HostTensor tensor = weights.get(name);
        int length = (int) tensor.shape()[tensor.shape().length - 1];
        return copy(name, index * length, length);
    }

    private double[] copy(String name, int from, int length) {
        double[] values = new double[length];
        Arrays.setAll(values, i -> weights.get(name).values()[from + i]);
        return values;
    }

    private double[] norm(String name, double[] x) {
        double mean = Arrays.stream(x).average().orElseThrow();
        double variance = Arrays.stream(x)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElseThrow();
        double[] weight = row(name + ".weight", 0);
        double[] bias = row(name + ".bias", 0);
        double[] result = new double[x.length];
        Arrays.setAll(result, i -> (x[i] - mean) / Math.sqrt(variance + 1e-12) * weight[i] + bias[i]);
        return result;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[] sum(double[] a, double[] b) {
        double[] sum = new double[a.length];
        Arrays.setAll(sum, i -> a[i] + b[i]);
        return sum;
    }
}
