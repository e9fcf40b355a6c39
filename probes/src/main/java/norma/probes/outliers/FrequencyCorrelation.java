package norma.probes.outliers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import norma.datasets.Progress;
import norma.datasets.batches.Batch;
import norma.datasets.metrics.Correlation;
import norma.trainer.bert.BatchState;
import norma.trainer.bert.ForwardObserver;
import norma.trainer.bert.PretrainedBert;

/**
 * How an outlier dimension's magnitude goes with token frequency (Puccetti, Rogers, Drozd and Dell'Orletta 2022,
 * "Outlier dimensions that disrupt transformers are driven by frequency", arXiv 2205.11380): over the token types that
 * occur in a text, the correlation of the logarithm of their count there with the mean |hidden state| at the dimension.
 *
 * @param dimension which
 * @param types number of token types
 * @param layers a correlation for the embedding output (first) and every layer's output
 */
public record FrequencyCorrelation(int dimension, int types, List<Pair> layers) {
    public FrequencyCorrelation {
        layers = List.copyOf(layers);
    }

    /**
     * Two correlations of the same points; NaN where one side is constant.
     *
     * @param pearson of the values
     * @param spearman of their ranks
     */
    public record Pair(double pearson, double spearman) {}

    /** Measures dimensions on text without masks; padding does not count. */
    public static List<FrequencyCorrelation> measure(
            PretrainedBert bert, List<Batch> batches, List<Integer> dimensions, Progress progress) {
        int layers = bert.config().numHiddenLayers() + 1;
        Map<Integer, double[]> sums = new TreeMap<>(); // type -> (layers, dimensions)
        Map<Integer, Integer> counts = new TreeMap<>();
        int done = 0;
        for (Batch masked : batches) {
            Batch batch = Unmasked.of(masked);
            count(batch, counts);
            try (BatchState state = bert.advance(batch, 0)) {
                bert.lastHiddenState(state, observer(bert, batch, dimensions, layers, sums));
            }
            progress.update("token frequency", ++done, batches.size(), "batches");
        }
        List<FrequencyCorrelation> all = new ArrayList<>();
        for (int i = 0; i < dimensions.size(); i++) {
            all.add(correlate(dimensions.get(i), i, dimensions.size(), layers, sums, counts));
        }
        return all;
    }

    private static void count(Batch batch, Map<Integer, Integer> counts) {
        for (int row = 0; row < batch.rows(); row++) {
            for (int t = 0; t < batch.lengths()[row]; t++) {
                counts.merge(batch.inputIds()[row * batch.length() + t], 1, Integer::sum);
            }
        }
    }

    private static ForwardObserver observer(
            PretrainedBert bert, Batch batch, List<Integer> dimensions, int layers, Map<Integer, double[]> sums) {
        int hidden = bert.config().hiddenSize();
        return new ForwardObserver() {
            @Override
            public boolean wantsHiddenStates() {
                return true;
            }

            @Override
            public void hiddenState(int index, float[] values) {
                for (int row = 0; row < batch.rows(); row++) {
                    for (int t = 0; t < batch.lengths()[row]; t++) {
                        int at = row * batch.length() + t;
                        double[] sum = sums.computeIfAbsent(
                                batch.inputIds()[at], type -> new double[layers * dimensions.size()]);
                        for (int i = 0; i < dimensions.size(); i++) {
                            sum[index * dimensions.size() + i] += Math.abs(values[at * hidden + dimensions.get(i)]);
                        }
                    }
                }
            }
        };
    }

    private static FrequencyCorrelation correlate(
            int dimension,
            int at,
            int dimensions,
            int layers,
            Map<Integer, double[]> sums,
            Map<Integer, Integer> counts) {
        int[] types = counts.keySet().stream().mapToInt(Integer::intValue).toArray();
        double[] frequency = Arrays.stream(types)
                .mapToDouble(type -> Math.log(counts.get(type)))
                .toArray();
        List<Pair> pairs = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            int index = layer * dimensions + at;
            double[] magnitude = IntStream.of(types)
                    .mapToDouble(type -> sums.get(type)[index] / counts.get(type))
                    .toArray();
            pairs.add(new Pair(Correlation.pearson(frequency, magnitude), Correlation.spearman(frequency, magnitude)));
        }
        return new FrequencyCorrelation(dimension, types.length, pairs);
    }
}
