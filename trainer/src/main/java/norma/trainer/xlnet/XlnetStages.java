package norma.trainer.xlnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.StageState;
import norma.trainer.model.Stages;
import norma.trainer.model.TransformerShape;

/**
 * The pass of XLNet. The content stream h (B*S, H) begins as the word embeddings; the query stream g (B*P, H) begins,
 * at the P places that a batch asks for, as one vector, and knows nothing of the token that stands there (Yang et al.
 * 2019, section 2.3). A batch that hides no token has no query stream. Between them go the encodings of the distances,
 * (B*2S, H) or (2S, H), which are dropped from once, as all layers read them. A stage ends with the sum that the next
 * LayerNorm takes.
 */
final class XlnetStages implements Stages {
    /** The table of the tokens, which the language-model head shares. */
    static final String WORD_EMBEDDINGS = "transformer.word_embedding.weight";

    private static final String QUERY = "transformer.mask_emb";
    private static final int STAGES_PER_LAYER = 2;
    private static final int CONTENT = 0;
    private static final int ENCODINGS = 1;
    private static final int QUERIES = 2;
    private static final int WORD_DROPOUT = 0;
    private static final int ENCODING_DROPOUT = 1;

    private final XlnetConfig config;
    private final TransformerShape shape;
    private final Parameter query;
    private final Parameter words;
    private final List<XlnetLayer> layers = new ArrayList<>();
    private final Map<String, Integer> firstReading = new HashMap<>();

    XlnetStages(NetworkParameters parameters, XlnetConfig config) {
        this.config = config;
        shape = config.shape();
        query = parameters.normal(QUERY, config.initializerRange(), 1, 1, config.dModel());
        words = parameters.normal(WORD_EMBEDDINGS, config.initializerRange(), config.vocabSize(), config.dModel());
        put(List.of(QUERY, WORD_EMBEDDINGS), BEGIN);
        for (int i = 0; i < config.nLayer(); i++) {
            XlnetLayer layer = new XlnetLayer(parameters, config, i);
            layers.add(layer);
            put(layer.attentionParameters(), STAGES_PER_LAYER * i);
            put(layer.feedForwardParameters(), STAGES_PER_LAYER * i + 1);
            put(layer.outputParameters(), STAGES_PER_LAYER * i + 2);
        }
    }

    private void put(List<String> names, int stage) {
        names.forEach(name -> firstReading.put(name, stage));
    }

    /** The table of the tokens. */
    Parameter words() {
        return words;
    }

    /** What the query stream begins with. */
    Parameter query() {
        return query;
    }

    /** The sites in the order of the pass. */
    List<LayerNormSite> sites() {
        List<LayerNormSite> sites = new ArrayList<>();
        layers.forEach(layer -> sites.addAll(layer.sites()));
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
        long width = config.dModel();
        NDArray embedded = Operators.rows(batch.inputIds(), pass.value(words)).reshape(-1, width); // (B*S, H)
        NDArray h = pass.kernels(shape).dropout(pass, embedded, WORD_DROPOUT);
        XlnetInputs inputs = inputs(batch);
        NDArray shared = inputs.encodings().stopGradient(); // a handle of this pass's own, (2S, H)
        shared.attach(h.getManager());
        NDArray encodings = pass.kernels(shape)
                .dropoutOfShared(pass, shared, batch.rows(), ENCODING_DROPOUT); // (2S, H) or (B*2S, H)
        NDList streams = new NDList(h, encodings);
        if (inputs.query() != null) {
            long places = (long) batch.rows() * inputs.places();
            NDArray one = pass.value(query).reshape(1, width);
            one.attach(h.getManager()); // not to the model's
            NDArray each = one.broadcast(places, width); // (B*P, H)
            streams.add(pass.kernels(shape).dropout(pass, each, config.queryDropout()));
        }
        return new StageState(streams, batch);
    }

    /** The query stream is dropped from once more before heads read it; a classifier does so with what it reads. */
    @Override
    public StageState run(ForwardPass pass, int stage, StageState state) {
        DeviceBatch batch = state.batch();
        int index = stage / STAGES_PER_LAYER;
        NDArray h = state.streams().get(CONTENT); // (B*S, H)
        NDArray encodings = state.streams().get(ENCODINGS); // (2S, H) or (B*2S, H)
        NDArray g = state.streams().size() > QUERIES ? state.streams().get(QUERIES) : null; // (B*P, H)
        if (stage % STAGES_PER_LAYER != 0) {
            XlnetLayer layer = layers.get(index);
            return state(
                    layer.plusFeedForward(pass, layer.attentionNorm(pass, h), false),
                    encodings,
                    g == null ? null : layer.plusFeedForward(pass, layer.attentionNorm(pass, g), true),
                    batch);
        }
        if (index > 0) {
            h = layers.get(index - 1).outputNorm(pass, h);
            g = g == null ? null : layers.get(index - 1).outputNorm(pass, g);
        }
        pass.hiddenState(LayerNormSite.Stack.ENCODER, index, h);
        if (g != null) {
            pass.queryState(index, g);
        }
        if (index == layers.size()) {
            return state(
                    h,
                    encodings,
                    g == null ? null : pass.kernels(shape).dropout(pass, g, config.queryDropout(layers.size())),
                    batch);
        }
        XlnetInputs inputs = inputs(batch);
        h = remembered(h, inputs.learned());
        NDArray[] sums = layers.get(index).plusAttention(pass, h, g, inputs, encodings);
        return state(sums[0], encodings, sums[1], batch);
    }

    /** The memory as it is, but out of reach of gradients (Dai et al. 2019, section 3.2): (B*S, H) to (B*S, H). */
    private static NDArray remembered(NDArray h, NDArray learned) {
        return learned == null
                ? h
                : h.mul(learned).add(h.stopGradient().mul(learned.neg().add(1)));
    }

    private static StageState state(NDArray h, NDArray encodings, NDArray g, DeviceBatch batch) {
        return new StageState(g == null ? new NDList(h, encodings) : new NDList(h, encodings, g), batch);
    }

    private XlnetInputs inputs(DeviceBatch batch) {
        return XlnetInputs.of(batch, config.dModel());
    }

    /** The content stream, but at the places that are asked for the query stream. */
    @Override
    public NDArray hidden(StageState state) {
        NDArray h = state.streams().get(CONTENT);
        if (state.streams().size() == QUERIES) {
            return h;
        }
        NDArray read = inputs(state.batch()).read(); // (B*S)
        NDArray hidden = Operators.rows(read, h.concat(state.streams().get(QUERIES))); // (B*S, H)
        hidden.attach(h.getManager()); // what comes first decided otherwise
        return hidden;
    }
}
