package norma.trainer.bart;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.batches.Batch;
import norma.datasets.batches.Target;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.StageState;
import norma.trainer.model.Stages;
import norma.trainer.model.TransformerShape;

/**
 * The pass of BART (Lewis et al. 2020, section 2): the encoder reads the sequences, then the decoder the targets and
 * what the encoder gives. A stage begins with a LayerNorm and ends with the sum that the next one of its stack takes.
 * The two streams are the encoder's, which is the memory once the encoder has ended, and the decoder's, which waits as
 * the sum of its embeddings until then.
 *
 * <p>Where a batch has no target, the decoder reads the sequences themselves, shifted right by one token, as Hugging
 * Face's models do where they are given no decoder_input_ids.
 */
final class BartStages implements Stages {
    /** The table of the tokens, which both stacks and the language-model head share. */
    static final String WORD_EMBEDDINGS = "model.shared.weight";

    private static final int MEMORY = 0;
    private static final int DECODER = 1;

    private final BartConfig config;
    private final BartDropouts dropouts;
    private final Parameter words;
    private final BartEmbeddings sources;
    private final BartEmbeddings targets;
    private final List<BartLink> links = new ArrayList<>();
    private final List<List<Parameter>> stacks = new ArrayList<>();
    private final int ofEncoder;
    private final Map<String, Integer> firstReading = new HashMap<>();

    BartStages(NetworkParameters parameters, BartConfig config) {
        this.config = config;
        dropouts = new BartDropouts(config);
        words = parameters.normal(
                WORD_EMBEDDINGS, config.initStd(), HiddenAxes.SECOND, config.vocabSize(), config.dModel());
        sources = new BartEmbeddings(parameters, config, words, Stack.ENCODER, "encoder");
        links.add(sources.link());
        for (int i = 0; i < config.encoderLayers(); i++) {
            BartEncoderLayer layer = new BartEncoderLayer(parameters, config, i);
            links.addAll(layer.links());
            stacks.addAll(layer.stacks());
        }
        ofEncoder = links.size();
        targets = new BartEmbeddings(parameters, config, words, Stack.DECODER, "decoder");
        links.add(targets.link());
        for (int i = 0; i < config.decoderLayers(); i++) {
            BartDecoderLayer layer = new BartDecoderLayer(parameters, config, i);
            links.addAll(layer.links());
            stacks.addAll(layer.stacks());
        }
        sources.parameterNames().forEach(name -> firstReading.put(name, BEGIN));
        targets.parameterNames().forEach(name -> firstReading.put(name, BEGIN));
        for (int stage = 0; stage < links.size(); stage++) {
            int before = stage - 1;
            int own = stage;
            links.get(stage).reads().forEach(name -> firstReading.put(name, before));
            links.get(stage).norm().parameterNames().forEach(name -> firstReading.put(name, own));
        }
    }

    /** The table of the tokens. */
    Parameter words() {
        return words;
    }

    /** What one matrix product makes together. */
    List<List<Parameter>> stacks() {
        return stacks;
    }

    /** The sites in the order of the pass: the encoder's, then the decoder's. */
    List<LayerNormSite> sites() {
        return links.stream().map(BartLink::site).toList();
    }

    @Override
    public int count() {
        return links.size();
    }

    @Override
    public int firstReading(String parameter) {
        return firstReading.getOrDefault(parameter, count());
    }

    @Override
    public StageState begin(ForwardPass pass, DeviceBatch batch) {
        Batch host = batch.host();
        DeviceBatch whole = host.target() != null
                ? batch
                : batch.with(host.with(Target.shiftedRight(
                        host.length(), host.inputIds(), host.lengths(), config.decoderStartTokenId())));
        return new StageState(
                new NDList(
                        sources.sum(pass, whole), // (B*S, H)
                        targets.sum(pass, whole.target())), // (B*T, H)
                whole);
    }

    @Override
    public StageState run(ForwardPass pass, int stage, StageState state) {
        boolean encodes = stage < ofEncoder;
        NDArray memory = encodes ? null : state.streams().get(MEMORY); // (B*S, H)
        NDArray sum = state.streams().get(encodes ? MEMORY : DECODER); // (B*S, H) or (B*T, H)
        LayerNormSite site = links.get(stage).site();
        NDArray normed = links.get(stage).norm().apply(pass, sum);
        if (site.kind() == LayerNormSite.Kind.EMBEDDINGS) {
            TransformerShape shape = encodes ? config.shape() : config.decoderShape();
            int dropout = encodes ? dropouts.encoderEmbeddings() : dropouts.decoderEmbeddings();
            normed = pass.kernels(shape).dropout(pass, normed, dropout);
        }
        if (site.kind() == LayerNormSite.Kind.EMBEDDINGS || site.isLayerOutput()) {
            pass.hiddenState(site.stack(), site.layer() + 1, normed);
        }
        boolean last = stage + 1 == ofEncoder || stage + 1 == count();
        NDArray next = last ? normed : links.get(stage + 1).sum().of(pass, normed, memory, state.batch());
        return new StageState(
                encodes ? new NDList(next, state.streams().get(DECODER)) : new NDList(memory, next), state.batch());
    }

    /** The decoder's: (B*T, H). */
    @Override
    public NDArray hidden(StageState state) {
        return state.streams().get(DECODER);
    }
}
