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
    private final long[] counts;
    private final double[][][] sums;

    /**
     * For some dimensions of a model.
     *
     * @param hiddenStates N + 1
     * @param vocabulary V
     */
    public TokenFrequency(List<Integer> dimensions, int hiddenStates, int vocabulary) {
        this.dimensions = List.copyOf(dimensions);
        counts = new long[vocabulary];
        sums = new double[dimensions.size()][hiddenStates][vocabulary];
    }

    /**
     * What was found of one dimension.
     *
     * @param embedding of the word embeddings; null where their dimensions are others than the hidden states'
     * @param layers of hidden states 0 … N
     */
    public record Result(int dimension, Correlation embedding, List<Correlation> layers) {}

    @Override
    public void add(int index, Batch batch, float[] values) {
        int hidden = values.length / batch.inputIds().length;
        for (int row = 0; row < batch.rows(); row++) {
            for (int t = row * batch.length(); t < row * batch.length() + batch.lengths()[row]; t++) {
                int type = batch.inputIds()[t];
                counts[type] += index == 0 ? 1 : 0;
                for (int k = 0; k < dimensions.size(); k++) {
                    sums[k][index][type] += Math.abs(values[t * hidden + dimensions.get(k)]);
                }
            }
        }
    }

    /** Token types that occurred. */
    public int types() {
        return seen().length;
    }

    /**
     * The correlations.
     *
     * @param wordEmbeddings (V, H), row-major; null where their dimensions are others than the hidden states'
     */
    public List<Result> correlations(float[] wordEmbeddings, int hidden) {
        int[] seen = seen();
        double[] logs = IntStream.of(seen)
                .mapToDouble(type -> Math.log((double) counts[type]))
                .toArray();
        List<Result> results = new ArrayList<>();
        for (int k = 0; k < dimensions.size(); k++) {
            int dimension = dimensions.get(k);
            Correlation embedding = wordEmbeddings == null
                    ? null
                    : Correlation.of(
                            IntStream.of(seen)
                                    .mapToDouble(type -> Math.abs(wordEmbeddings[type * hidden + dimension]))
                                    .toArray(),
                            logs);
            List<Correlation> layers = new ArrayList<>();
            for (double[] sum : sums[k]) {
                double[] means = IntStream.of(seen)
                        .mapToDouble(type -> sum[type] / counts[type])
                        .toArray();
                layers.add(Correlation.of(means, logs));
            }
            results.add(new Result(dimension, embedding, layers));
        }
        return results;
    }

    private int[] seen() {
        return IntStream.range(0, counts.length)
                .filter(type -> counts[type] > 0)
                .toArray();
    }
}
