package norma.trainer.gpt2;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Norm;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.StageState;
import norma.trainer.model.Stages;
import norma.trainer.model.TransformerShape;

/**
 * The pass of GPT-2: word and position embeddings, the layers, and a LayerNorm on what leaves the last of them. A stage
 * is half a layer; the last one is that LayerNorm.
 */
final class Gpt2Stages implements Stages {
    /** The table of the tokens, which the language-model head shares. */
    static final String WORD_EMBEDDINGS = "transformer.wte.weight";

    /** The table of the positions. */
    static final String POSITION_EMBEDDINGS = "transformer.wpe.weight";

    private static final int STAGES_PER_LAYER = 2;
    private static final int EMBEDDING_DROPOUT = 0;

    private final TransformerShape embeddingShape;
    private final Parameter words;
    private final Parameter positions;
    private final List<Gpt2Layer> layers = new ArrayList<>();
    private final Norm last;
    private final Map<String, Integer> firstReading = new HashMap<>();

    Gpt2Stages(NetworkParameters parameters, Gpt2Config config) {
        embeddingShape = config.embeddingShape();
        long h = config.nEmbd();
        words = parameters.normal(WORD_EMBEDDINGS, config.initializerRange(), HiddenAxes.SECOND, config.vocabSize(), h);
        positions = parameters.normal(
                POSITION_EMBEDDINGS, config.initializerRange(), HiddenAxes.SECOND, config.nPositions(), h);
        put(List.of(WORD_EMBEDDINGS, POSITION_EMBEDDINGS), BEGIN);
        for (int i = 0; i < config.nLayer(); i++) {
            Gpt2Layer layer = new Gpt2Layer(parameters, config, i);
            layers.add(layer);
            put(layer.attentionParameters(), STAGES_PER_LAYER * i);
            put(layer.feedForwardParameters(), STAGES_PER_LAYER * i + 1);
        }
        last = parameters.layerNorm("transformer.ln_f", h, config.layerNormEpsilon());
        put(List.of(last.weight().getName(), last.bias().getName()), count() - 1);
    }

    private void put(List<String> names, int stage) {
        names.forEach(name -> firstReading.put(name, stage));
    }

    /** The table of the tokens. */
    Parameter words() {
        return words;
    }

    /** The sites in the order of the pass. */
    List<LayerNormSite> sites() {
        List<LayerNormSite> sites = new ArrayList<>();
        layers.forEach(layer -> sites.addAll(layer.sites()));
        sites.add(last.site("ln_f", Stack.DECODER, LayerNormSite.NO_LAYER, Kind.FINAL));
        return sites;
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
        NDArray places = batch.inputIds().getManager().arange(0, batch.length(), 1, DataType.INT64); // (S)
        NDArray sum = Operators.rows(batch.inputIds(), pass.value(words)) // (B, S, H)
                .add(Operators.rows(places, pass.value(positions))) // (S, H)
                .reshape(-1, embeddingShape.hiddenSize()); // (B*S, H)
        return StageState.of(pass.kernels(embeddingShape).dropout(pass, sum, EMBEDDING_DROPOUT), batch);
    }

    /** Of the hidden states the last one is what the final LayerNorm gives, as Hugging Face's. */
    @Override
    public StageState run(ForwardPass pass, int stage, StageState state) {
        NDArray x = state.streams().singletonOrThrow(); // (B*S, H)
        if (stage == count() - 1) {
            NDArray normed = last.apply(pass, x); // (B*S, H)
            pass.hiddenState(Stack.DECODER, layers.size(), normed);
            return StageState.of(normed, state.batch());
        }
        int index = stage / STAGES_PER_LAYER;
        Gpt2Layer layer = layers.get(index);
        if (stage % STAGES_PER_LAYER != 0) {
            return StageState.of(layer.plusFeedForward(pass, x), state.batch()); // (B*S, H)
        }
        pass.hiddenState(Stack.DECODER, index, x);
        return StageState.of(layer.plusAttention(pass, x, state.batch()), state.batch()); // (B*S, H)
    }

    @Override
    public NDArray hidden(StageState state) {
        return state.streams().singletonOrThrow();
    }
}
