package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Norm;
import norma.trainer.blocks.SummedEmbeddings;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.StageState;
import norma.trainer.model.Stages;

/**
 * The pass of a BERT whose norms stand before attention and feed-forward: embeddings without a norm, the layers, and a
 * norm on what leaves the last of them. A stage is half a layer; the last one is that norm.
 */
final class PreNormStages implements Stages {
    private static final int STAGES_PER_LAYER = 2;

    private final SummedEmbeddings embeddings;
    private final List<PreNormLayer> layers = new ArrayList<>();
    private final Norm last;
    private final Map<String, Integer> firstReading = new HashMap<>();

    PreNormStages(NetworkParameters parameters, BertConfig config, SummedEmbeddings embeddings) {
        this.embeddings = embeddings;
        put(embeddings.parameterNames(), BEGIN);
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            PreNormLayer layer = new PreNormLayer(parameters, config, i);
            layers.add(layer);
            put(layer.attentionParameters(), STAGES_PER_LAYER * i);
            put(layer.feedForwardParameters(), STAGES_PER_LAYER * i + 1);
        }
        last = parameters.norm(config.norm(), "bert.encoder.ln", config.hiddenSize(), config.layerNormEps());
        put(last.parameterNames(), count() - 1);
    }

    private void put(List<String> names, int stage) {
        names.forEach(name -> firstReading.put(name, stage));
    }

    /** The sites in the order of the pass. */
    List<LayerNormSite> sites() {
        List<LayerNormSite> sites = new ArrayList<>();
        layers.forEach(layer -> sites.addAll(layer.sites()));
        sites.add(last.site("final", Stack.ENCODER, LayerNormSite.NO_LAYER, Kind.FINAL));
        return sites;
    }

    List<List<Parameter>> stacks() {
        return layers.stream().flatMap(layer -> layer.stacks().stream()).toList();
    }

    @Override
    public int count() {
        return STAGES_PER_LAYER * layers.size() + 1;
    }

    @Override
    public int firstReading(String parameter) {
        return firstReading.getOrDefault(parameter, count());
    }

    @Override
    public StageState begin(ForwardPass pass, DeviceBatch batch) {
        return StageState.of(embeddings.dropped(pass, embeddings.sum(pass, batch)), batch); // (B*S, H)
    }

    /** Of the hidden states the last one is what the final norm gives. */
    @Override
    public StageState run(ForwardPass pass, int stage, StageState state) {
        NDArray x = state.streams().singletonOrThrow(); // (B*S, H)
        if (stage == count() - 1) {
            NDArray normed = last.apply(pass, x); // (B*S, H)
            pass.hiddenState(Stack.ENCODER, layers.size(), normed);
            return StageState.of(normed, state.batch());
        }
        int index = stage / STAGES_PER_LAYER;
        PreNormLayer layer = layers.get(index);
        if (stage % STAGES_PER_LAYER != 0) {
            return StageState.of(layer.plusFeedForward(pass, x), state.batch()); // (B*S, H)
        }
        pass.hiddenState(Stack.ENCODER, index, x);
        return StageState.of(layer.plusAttention(pass, x, state.batch()), state.batch()); // (B*S, H)
    }

    @Override
    public NDArray hidden(StageState state) {
        return state.streams().singletonOrThrow();
    }
}
