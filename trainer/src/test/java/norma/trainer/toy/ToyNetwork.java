package norma.trainer.toy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Norm;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceBatch;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Head;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.Network;
import norma.trainer.model.Slice;
import norma.trainer.model.StageState;
import norma.trainer.model.Stages;

/**
 * Two stacks of a layer each, run as two streams: an encoder whose embeddings are narrower (E) than its hidden states
 * (H) and whose layer has an RMSNorm, so no bias, and a parameter of three dimensions; a decoder that reads the
 * encoder, whose LayerNorm has no weight and whose output component is a matrix stored [in, out], as GPT-2's; and a
 * bias of the logits that is stored and never trained, as BART's.
 */
public final class ToyNetwork implements Network {
    private final ToyConfig config;
    private final NetworkParameters parameters;
    private final Parameter words;
    private final Norm embeddingNorm;
    private final Parameter project;
    private final Parameter projectBias;
    private final Norm encoderNorm;
    private final Parameter mix;
    private final Norm decoderNorm;
    private final Parameter conv;
    private final Parameter convBias;
    private final Parameter logits;
    private final Parameter logitsBias;

    /** A network without arrays. */
    public ToyNetwork(ToyConfig config, long seed) {
        this.config = config;
        long v = config.vocabSize();
        long h = config.hiddenSize();
        long e = config.embeddingSize();
        long a = config.numAttentionHeads();
        parameters = new NetworkParameters(0.3, seed);
        words = parameters.matrix("words.weight", v, e);
        embeddingNorm = parameters.layerNorm("embeddings.norm", e, 1e-5);
        project = parameters.matrix("project.weight", h, e);
        projectBias = parameters.bias("project.bias", h);
        encoderNorm = Norm.rootMeanSquare(parameters.normWeight("encoder.norm", h), 1e-5);
        mix = parameters.matrix("encoder.mix", h, a, h / a);
        decoderNorm = Norm.layer(null, parameters.normBias("decoder.norm", h), 1e-5);
        conv = parameters.matrix("decoder.c_proj.weight", h, h);
        convBias = parameters.bias("decoder.c_proj.bias", h);
        logits = parameters.matrix("logits.weight", v, h);
        logitsBias = parameters.bias("final_logits_bias", v);
    }

    @Override
    public ToyConfig config() {
        return config;
    }

    @Override
    public List<Parameter> parameters() {
        return parameters.all();
    }

    @Override
    public Set<Parameter> buffers() {
        return Set.of(logitsBias);
    }

    @Override
    public List<LayerNormSite> layerNormSites() {
        return List.of(
                embeddingNorm.site("embeddings", Stack.ENCODER, LayerNormSite.NO_LAYER, Kind.EMBEDDINGS),
                encoderNorm.site("encoder.0.output", Stack.ENCODER, 0, Kind.OUTPUT),
                decoderNorm.site("decoder.0.cross", Stack.DECODER, 0, Kind.CROSS_ATTENTION),
                new LayerNormSite(
                        "decoder.0.c_proj",
                        Stack.DECODER,
                        0,
                        Kind.OUTPUT,
                        config.hiddenSize(),
                        new Slice(conv.getName(), 1),
                        Slice.ofVector(convBias.getName())));
    }

    @Override
    public List<List<Parameter>> stacks() {
        return List.of();
    }

    @Override
    public List<DropoutSite> dropoutSites(long length, long longest) {
        return List.of();
    }

    @Override
    public Stages stages() {
        return new TwoStreams();
    }

    @Override
    public Set<Head> heads() {
        return Set.of(Head.LANGUAGE_MODEL);
    }

    @Override
    public int outputs(Head head) {
        return config.vocabSize();
    }

    @Override
    public NDArray head(ForwardPass pass, Head head, NDArray hidden, DeviceBatch batch) {
        return Operators.linear(hidden, pass.value(logits), pass.value(logitsBias)); // (N, V)
    }

    private final class TwoStreams implements Stages {
        private final Map<String, Integer> firstReading = Map.of(
                "words.weight", BEGIN,
                "embeddings.norm.weight", 0,
                "embeddings.norm.bias", 0,
                "project.weight", 0,
                "project.bias", 0,
                "encoder.norm.weight", 1,
                "encoder.mix", 1,
                "decoder.norm.bias", 2,
                "decoder.c_proj.weight", 3,
                "decoder.c_proj.bias", 3);

        @Override
        public int count() {
            return 4;
        }

        @Override
        public int firstReading(String parameter) {
            return firstReading.getOrDefault(parameter, count());
        }

        @Override
        public StageState begin(ForwardPass pass, DeviceBatch batch) {
            NDArray embedded = Operators.rows(batch.inputIds(), pass.value(words)); // (B, S, E)
            NDArray flat = embedded.reshape(-1, config.embeddingSize()); // (B*S, E)
            return new StageState(new NDList(flat, flat.mul(flat)), batch);
        }

        /** Streams: memory and decoder; the first two stages are the encoder's. */
        @Override
        public StageState run(ForwardPass pass, int stage, StageState state) {
            NDArray memory = state.streams().get(0);
            NDArray decoder = state.streams().get(1);
            NDList next =
                    switch (stage) {
                        case 0 -> new NDList(projected(pass, memory), projected(pass, decoder));
                        case 1 -> new NDList(encoded(pass, memory), decoder.stopGradient());
                        case 2 -> new NDList(memory.add(0), decoderNorm.apply(pass, decoder.add(memory)));
                        default ->
                            new NDList(
                                    memory.add(0),
                                    Operators.conv1d(decoder.tanh(), pass.value(conv), pass.value(convBias)));
                    };
            return new StageState(next, state.batch());
        }

        private NDArray projected(ForwardPass pass, NDArray x) {
            return Operators.linear(embeddingNorm.apply(pass, x), pass.value(project), pass.value(projectBias));
        }

        private NDArray encoded(ForwardPass pass, NDArray x) {
            NDArray normed = encoderNorm.apply(pass, x); // (B*S, H)
            NDArray out = normed.matMul(pass.value(mix).reshape(config.hiddenSize(), -1)); // (B*S, A*D)
            pass.hiddenState(Stack.ENCODER, 1, out);
            return out;
        }

        @Override
        public NDArray hidden(StageState state) {
            return state.streams().get(1); // (B*S, H)
        }
    }
}
