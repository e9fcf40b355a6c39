package norma.probes.outliers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import norma.datasets.Progress;
import norma.datasets.batches.Batch;
import norma.trainer.bert.BatchState;
import norma.trainer.bert.ForwardObserver;
import norma.trainer.bert.PretrainedBert;

/** The definitions that look at hidden states. */
public final class ActivationDefinitions {
    private static final double LLM_INT8_LAYERS = 0.25;
    private static final double LLM_INT8_POSITIONS = 0.06;

    private final int hidden;
    private final List<LayerActivations> layers = new ArrayList<>();

    /** For hidden states of a width and a number of layers. */
    ActivationDefinitions(int hidden, int layerCount) {
        this.hidden = hidden;
        for (int layer = 0; layer < layerCount; layer++) {
            layers.add(new LayerActivations(hidden));
        }
    }

    /** Runs a model over text without masks and gathers what the definitions need. */
    public static ActivationDefinitions measure(PretrainedBert bert, List<Batch> batches, Progress progress) {
        ActivationDefinitions gathered = new ActivationDefinitions(
                bert.config().hiddenSize(), bert.config().numHiddenLayers());
        int done = 0;
        for (Batch batch : batches) {
            Batch plain = Unmasked.of(batch);
            try (BatchState state = bert.advance(plain, 0)) {
                bert.lastHiddenState(state, gathered.observer(plain));
            }
            progress.update("activations", ++done, batches.size(), "batches");
        }
        return gathered;
    }

    private ForwardObserver observer(Batch batch) {
        return new ForwardObserver() {
            @Override
            public boolean wantsHiddenStates() {
                return true;
            }

            @Override
            public void hiddenState(int index, float[] values) {
                if (index > 0) {
                    add(index - 1, values, batch.length(), batch.lengths());
                }
            }
        };
    }

    /**
     * Takes one layer's output.
     *
     * @param layer from 0
     * @param values (B, S, H), row-major
     * @param length S
     * @param lengths tokens of each row that are not padding
     */
    void add(int layer, float[] values, int length, int[] lengths) {
        for (int row = 0; row < lengths.length; row++) {
            layers.get(layer).sequence(values, row * length * hidden, lengths[row]);
        }
    }

    /** What the definitions find. */
    public List<Finding> findings() {
        return List.of(
                perToken(),
                LayerNormDefinitions.kurtosis(
                        Definition.KURTOSIS_MEAN_ACTIVATION,
                        layers.stream().map(LayerActivations::mean).toList()),
                ofMaxima(
                        Definition.KURTOSIS_FEATURE_NORM,
                        LayerActivations::featureNormKurtosis,
                        layers.stream().map(LayerActivations::meanSquare).toList()),
                ofMaxima(
                        Definition.LARGEST_INFINITY_NORM,
                        layer -> Arrays.stream(layer.largest()).max().orElseThrow(),
                        layers.stream().map(LayerActivations::largest).toList()),
                llmInt8(),
                massive());
    }

    private Finding perToken() {
        List<Integer> leading = new ArrayList<>();
        int[] layersOf = new int[hidden];
        for (LayerActivations layer : layers) {
            long[] counts = layer.leading();
            int most = IntStream.range(0, hidden)
                    .reduce((a, b) -> counts[b] > counts[a] ? b : a)
                    .orElseThrow();
            leading.add(most);
            if (2 * counts[most] > layer.tokens()) {
                layersOf[most]++;
            }
        }
        return new Finding(
                Definition.KURTOSIS_PER_TOKEN,
                dimensions(d -> 2 * layersOf[d] > layers.size()),
                values(LayerActivations::meanTokenKurtosis),
                leading);
    }

    private Finding ofMaxima(
            Definition definition, ToDoubleFunction<LayerActivations> value, List<double[]> magnitudes) {
        List<Integer> leading = new ArrayList<>();
        for (double[] magnitude : magnitudes) {
            leading.add(IntStream.range(0, hidden)
                    .reduce((a, b) -> magnitude[b] > magnitude[a] ? b : a)
                    .orElseThrow());
        }
        return new Finding(definition, LayerNormDefinitions.inMoreThanHalf(leading), values(value), leading);
    }

    private Finding llmInt8() {
        long positions = 0;
        long[] beyond = new long[hidden];
        int[] layersOf = new int[hidden];
        for (LayerActivations layer : layers) {
            long[] counts = layer.beyondSix();
            positions += layer.tokens();
            for (int d = 0; d < hidden; d++) {
                beyond[d] += counts[d];
                layersOf[d] += counts[d] > 0 ? 1 : 0;
            }
        }
        long all = positions;
        return new Finding(
                Definition.LLM_INT8,
                dimensions(d -> layersOf[d] >= LLM_INT8_LAYERS * layers.size()
                        && layersOf[d] > 0
                        && beyond[d] >= LLM_INT8_POSITIONS * all),
                List.of(),
                List.of());
    }

    private Finding massive() {
        List<Integer> leading = new ArrayList<>();
        long[] counts = new long[hidden];
        for (LayerActivations layer : layers) {
            double[] largest = layer.largest();
            leading.add(IntStream.range(0, hidden)
                    .reduce((a, b) -> largest[b] > largest[a] ? b : a)
                    .orElseThrow());
            long[] massive = layer.massive();
            for (int d = 0; d < hidden; d++) {
                counts[d] += massive[d];
            }
        }
        return new Finding(
                Definition.MASSIVE_ACTIVATIONS,
                dimensions(d -> counts[d] > 0),
                values(layer -> Arrays.stream(layer.largest()).max().orElseThrow() / layer.meanMedian()),
                leading);
    }

    /** Mean over sequences of the largest |x|, per layer: the infinity norm that is averaged over a validation set. */
    public List<Double> meanInfinityNorms() {
        return values(LayerActivations::meanSequenceMaximum);
    }

    /** Mean over sequences of the median |x|, per layer. */
    public List<Double> medians() {
        return values(LayerActivations::meanMedian);
    }

    /** The three dimensions with the largest |x| of each layer, with that |x|. */
    public List<List<Peak>> topThree() {
        List<List<Peak>> all = new ArrayList<>();
        for (LayerActivations layer : layers) {
            double[] largest = layer.largest();
            all.add(IntStream.range(0, hidden)
                    .mapToObj(d -> new Peak(d, largest[d]))
                    .sorted(java.util.Comparator.comparingDouble((Peak peak) -> -peak.magnitude()))
                    .limit(3)
                    .toList());
        }
        return all;
    }

    /**
     * A dimension's largest value.
     *
     * @param dimension which
     * @param magnitude |x|
     */
    public record Peak(int dimension, double magnitude) {}

    private List<Double> values(ToDoubleFunction<LayerActivations> value) {
        return layers.stream().map(value::applyAsDouble).toList();
    }

    private List<Integer> dimensions(java.util.function.IntPredicate found) {
        return IntStream.range(0, hidden).filter(found).boxed().toList();
    }
}
