package norma.probes.outliers;

import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.ForwardObserver;
import norma.trainer.model.LayerNormSite;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;

/**
 * The hidden states of a model on a text, gathered: 0 is the output of the embeddings (after their LayerNorm), 1 … N
 * the outputs of the layers, as Hugging Face's {@code hidden_states}: BERT's after {@code output.LayerNorm}, GPT-2's
 * last one after {@code ln_f}. Padding is left out; special tokens are in.
 */
public final class Activations {
    private final List<String> names;
    private final List<HiddenStateStatistics> states;
    private final AnyLayer anyLayer;

    /**
     * Nothing gathered yet.
     *
     * @param layers names of the layers' outputs, hidden states 1 … N
     */
    Activations(List<String> layers, int hidden) {
        names = List.copyOf(layers);
        states = new ArrayList<>();
        for (int i = 0; i <= layers.size(); i++) {
            states.add(new HiddenStateStatistics(hidden));
        }
        anyLayer = new AnyLayer(hidden);
    }

    /**
     * Runs a model over batches.
     *
     * @param layout of its sites
     * @param batches with nothing masked
     * @param listener also told of every hidden state
     */
    public static Activations measure(
            PretrainedModel bert,
            SnapshotLayout layout,
            List<Batch> batches,
            HiddenStateListener listener,
            Progress progress) {
        Activations activations = new Activations(layers(layout), bert.config().hiddenSize());
        int done = 0;
        for (Batch batch : batches) {
            progress.update("reading activations", done++, batches.size(), "batches");
            activations.anyLayer.begin(batch.inputIds().length);
            try (BatchState state = bert.advance(batch, 0)) {
                bert.lastHiddenState(state, new ForwardObserver() {
                    @Override
                    public boolean wantsHiddenStates() {
                        return true;
                    }

                    @Override
                    public void hiddenState(LayerNormSite.Stack stack, int index, float[] values) {
                        activations.add(index, batch, values);
                        listener.add(index, batch, values);
                    }
                });
            }
            activations.anyLayer.end();
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
        return new DimensionActivation(largest, names.get(largestLayer), share, kurtosis);
    }

    /** Names of the layers' outputs. */
    public static List<String> layers(SnapshotLayout layout) {
        return layout.sites().stream()
                .filter(LayerNormSite::isLayerOutput)
                .map(LayerNormSite::name)
                .toList();
    }

    /** Takes one hidden state of a batch, (B*S, H). */
    void add(int index, Batch batch, float[] values) {
        HiddenStateStatistics state = states.get(index);
        for (int row = 0; row < batch.rows(); row++) {
            int first = row * batch.length();
            state.add(values, first * state.hidden, batch.lengths()[row]);
            for (int t = first; t < first + batch.lengths()[row]; t++) {
                anyLayer.add(t, values);
            }
        }
    }

    /** All of them, the embeddings' first. */
    List<HiddenStateStatistics> states() {
        return states;
    }

    /** Names of the layers' outputs, in the order of {@link #layers()}. */
    List<String> names() {
        return names;
    }

    /** The layers' outputs, without the embeddings. */
    List<HiddenStateStatistics> layers() {
        return states.subList(1, states.size());
    }

    /** Tokens where a dimension's magnitude is at least 6 in any hidden state. */
    long[] largeInAnyLayer() {
        return anyLayer.counts;
    }

    void beginBatch(Batch batch) {
        anyLayer.begin(batch.inputIds().length);
    }

    void endBatch() {
        anyLayer.end();
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
