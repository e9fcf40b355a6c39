package norma.probes.outliers;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;

/**
 * How an outlier's magnitude goes with the frequency of tokens (Puccetti, Rogers, Drozd and Dell'Orletta 2022,
 * "Outliers Dimensions that Disrupt Transformers are Driven by Frequency", arXiv 2205.11380): over the token types of a
 * text, the mean |hidden state at the dimension| of a type against the natural logarithm of its count, for each hidden
 * state; and |word embedding at the dimension| against the same. Frequencies are those of the text that is measured,
 * [CLS] and [SEP] included, padding left out.
 */
public final class TokenFrequency implements HiddenStateListener {
    private final List<Integer> dimensions;
    private final long[][] counts; // by hidden state: those of a decoder are of what it reads
    private final double[][][] sums;

    /**
     * For some dimensions of a model.
     *
     * @param hiddenStates how many, N + 1 in a model of one stack
     * @param vocabulary V
     */
    public TokenFrequency(List<Integer> dimensions, int hiddenStates, int vocabulary) {
        this.dimensions = List.copyOf(dimensions);
        counts = new long[hiddenStates][vocabulary];
        sums = new double[dimensions.size()][hiddenStates][vocabulary];
    }

    /**
     * What was found of one dimension.
     *
     * @param embedding of the word embeddings; null where their dimensions are others than the hidden states'
     * @param layers of the hidden states, in their order
     */
    public record Result(int dimension, Correlation embedding, List<Correlation> layers) {}

    @Override
    public void add(int index, Batch batch, float[] values) {
        int hidden = values.length / batch.inputIds().length;
        for (int row = 0; row < batch.rows(); row++) {
            for (int t = row * batch.length(); t < row * batch.length() + batch.lengths()[row]; t++) {
                int type = batch.inputIds()[t];
                counts[index][type]++;
                for (int k = 0; k < dimensions.size(); k++) {
                    sums[k][index][type] += Math.abs(values[t * hidden + dimensions.get(k)]);
                }
            }
        }
    }

    /** Token types that occurred. */
    public int types() {
        return seen(0).length;
    }

    /**
     * The correlations.
     *
     * @param wordEmbeddings (V, H), row-major; null where their dimensions are others than the hidden states'
     */
    public List<Result> correlations(float[] wordEmbeddings, int hidden) {
        List<int[]> seen = new ArrayList<>();
        List<double[]> logs = new ArrayList<>();
        for (long[] counted : counts) {
            seen.add(seen(seen.size()));
            logs.add(IntStream.of(seen.get(logs.size()))
                    .mapToDouble(type -> Math.log((double) counted[type]))
                    .toArray());
        }
        List<Result> results = new ArrayList<>();
        for (int k = 0; k < dimensions.size(); k++) {
            int dimension = dimensions.get(k);
            Correlation embedding = wordEmbeddings == null
                    ? null
                    : Correlation.of(
                            IntStream.of(seen.get(0))
                                    .mapToDouble(type -> Math.abs(wordEmbeddings[type * hidden + dimension]))
                                    .toArray(),
                            logs.get(0));
            List<Correlation> layers = new ArrayList<>();
            for (int state = 0; state < counts.length; state++) {
                double[] sum = sums[k][state];
                long[] counted = counts[state];
                double[] means = IntStream.of(seen.get(state))
                        .mapToDouble(type -> sum[type] / counted[type])
                        .toArray();
                layers.add(Correlation.of(means, logs.get(state)));
            }
            results.add(new Result(dimension, embedding, layers));
        }
        return results;
    }

    private int[] seen(int state) {
        return IntStream.range(0, counts[state].length)
                .filter(type -> counts[state][type] > 0)
                .toArray();
    }
}
