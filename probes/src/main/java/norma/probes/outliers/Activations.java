package norma.probes.outliers;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.probes.dimensions.StackTokens;
import norma.trainer.model.ForwardObserver;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;

/**
 * The hidden states of a model on a text, gathered: 0 is the output of the embeddings (after their LayerNorm), 1 … N
 * the outputs of the layers, as Hugging Face's {@code hidden_states}: BERT's after {@code output.LayerNorm}, GPT-2's
 * last one after {@code ln_f}. Padding is left out; special tokens are in.
 */
public final class Activations {
    private final HiddenStates layout;
    private final List<HiddenStateStatistics> states;
    private final Map<Stack, AnyLayer> anyLayer = new EnumMap<>(Stack.class);
    private final int hidden;

    /**
     * Nothing gathered yet.
     *
     * @param layers names of the outputs of the layers of one stack, hidden states 1 … N
     */
    Activations(List<String> layers, int hidden) {
        this(new HiddenStates(HiddenStates.ofStack(Stack.ENCODER, layers)), hidden);
    }

    private Activations(HiddenStates layout, int hidden) {
        this.layout = layout;
        this.hidden = hidden;
        states = layout.all().stream()
                .map(state -> new HiddenStateStatistics(hidden))
                .toList();
        layout.stacks().forEach(stack -> anyLayer.put(stack, new AnyLayer(hidden)));
    }

    /**
     * Runs a model over batches.
     *
     * @param layout which hidden states
     * @param batches with nothing masked
     * @param listener also told of every hidden state
     */
    public static Activations measure(
            PretrainedModel bert,
            HiddenStates layout,
            List<Batch> batches,
            HiddenStateListener listener,
            Progress progress) {
        Activations activations = new Activations(layout, bert.config().hiddenSize());
        int done = 0;
        for (Batch batch : batches) {
            progress.update("reading activations", done++, batches.size(), "batches");
            try (BatchState state = bert.advance(batch, 0)) {
                activations.beginBatch(state.batch());
                bert.lastHiddenState(state, new ForwardObserver() {
                    @Override
                    public boolean wantsHiddenStates() {
                        return true;
                    }

                    @Override
                    public void hiddenState(Stack stack, int index, float[] values) {
                        int place = layout.place(stack, index);
                        if (place >= 0) {
                            Batch read = StackTokens.of(stack, state.batch());
                            activations.add(place, read, values);
                            listener.add(place, read, values);
                        }
                    }
                });
            }
            activations.endBatch();
        }
        progress.update("reading activations", done, batches.size(), "batches");
        return activations;
    }

    /** What a dimension carries in the outputs of the layers. */
    public DimensionActivation of(int dimension) {
        double largest = 0;
        int largestLayer = 0;
        double share = 0;
        double kurtosis = 0;
        for (int layer = 0; layer < layers().size(); layer++) {
            HiddenStateStatistics state = layers().get(layer);
            if (state.largest[dimension] > largest) {
                largest = state.largest[dimension];
                largestLayer = layer;
            }
            share = Math.max(share, state.squares[dimension] / Kurtosis.sum(state.squares));
            kurtosis = Math.max(kurtosis, state.tokenTerms[dimension] / state.tokens);
        }
        return new DimensionActivation(largest, names().get(largestLayer), share, kurtosis);
    }

    /** Takes one hidden state of a batch, (B*S, H), with what its stack reads. */
    void add(int place, Batch batch, float[] values) {
        HiddenStateStatistics state = states.get(place);
        AnyLayer large = anyLayer.get(layout.all().get(place).stack());
        for (int row = 0; row < batch.rows(); row++) {
            int first = row * batch.length();
            state.add(values, first * state.hidden, batch.lengths()[row]);
            for (int t = first; t < first + batch.lengths()[row]; t++) {
                large.add(t, values);
            }
        }
    }

    /** All of them, the embeddings' first. */
    List<HiddenStateStatistics> states() {
        return states;
    }

    /** Names of the layers' outputs, in the order of {@link #layers()}. */
    List<String> names() {
        return IntStream.of(layout.layers())
                .mapToObj(place -> layout.all().get(place).site())
                .toList();
    }

    /** The layers' outputs, without the embeddings. */
    List<HiddenStateStatistics> layers() {
        return IntStream.of(layout.layers()).mapToObj(states::get).toList();
    }

    /** Tokens where a dimension's magnitude is at least 6 in any hidden state of their stack. */
    long[] largeInAnyLayer() {
        long[] counts = new long[hidden];
        anyLayer.values().forEach(large -> Arrays.setAll(counts, d -> counts[d] + large.counts[d]));
        return counts;
    }

    /** Tokens that the stacks read, each of a stack counted once. */
    long tokens() {
        return IntStream.range(0, states.size())
                .filter(place -> layout.all().get(place).index() == 0)
                .mapToLong(place -> states.get(place).tokens)
                .sum();
    }

    void beginBatch(Batch batch) {
        anyLayer.forEach(
                (stack, large) -> large.begin(StackTokens.of(stack, batch).inputIds().length));
    }

    void endBatch() {
        anyLayer.values().forEach(AnyLayer::end);
    }

    /** Tokens of a batch, with the dimensions that were large in any layer so far. */
    private static final class AnyLayer {
        private final int hidden;
        private final long[] counts;
        private boolean[] seen = new boolean[0];

        AnyLayer(int hidden) {
            this.hidden = hidden;
            counts = new long[hidden];
        }

        void begin(int tokens) {
            seen = new boolean[tokens * hidden];
        }

        void add(int token, float[] values) {
            for (int i = token * hidden; i < (token + 1) * hidden; i++) {
                seen[i] |= Math.abs(values[i]) >= 6;
            }
        }

        void end() {
            for (int i = 0; i < seen.length; i++) {
                if (seen[i]) {
                    counts[i % hidden]++;
                }
            }
        }
    }
}
