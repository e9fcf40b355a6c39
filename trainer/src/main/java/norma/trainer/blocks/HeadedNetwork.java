package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.trainer.device.DeviceBatch;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.BatchLengths;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Head;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Network;
import norma.trainer.model.Stages;

/** A network put together from its parameters, the stages up to the last hidden state, and heads on it. */
public final class HeadedNetwork implements Network {
    private final ModelConfig config;
    private final NetworkParameters parameters;
    private final Stages stages;
    private final List<LayerNormSite> sites;
    private final List<List<Parameter>> stacks;
    private final Map<Head, HeadBlock> heads = new EnumMap<>(Head.class);
    private final List<DropoutSite> headDropout = new ArrayList<>();
    private DropoutPlaces dropout;

    /** The places of dropout of a network without its heads, see {@link ModelConfig#dropoutSites}. */
    public interface DropoutPlaces {
        /** Of sequences of a length, where the longest of a step has another. */
        List<DropoutSite> of(long length, long longest);

        /** The same where a decoder's rows have a length of their own. */
        default List<DropoutSite> of(BatchLengths lengths, BatchLengths longest) {
            return of(lengths.source(), longest.source());
        }
    }

    /** Those that a configuration says. */
    private record Configured(ModelConfig config) implements DropoutPlaces {
        @Override
        public List<DropoutSite> of(long length, long longest) {
            return config.dropoutSites(length, longest);
        }

        @Override
        public List<DropoutSite> of(BatchLengths lengths, BatchLengths longest) {
            return config.dropoutSites(lengths, longest);
        }
    }

    /**
     * A network without heads.
     *
     * @param parameters of the network, to which heads may add
     * @param stages up to the last hidden state
     * @param sites of the stages
     * @param stacks see {@link Network#stacks}
     */
    public HeadedNetwork(
            ModelConfig config,
            NetworkParameters parameters,
            Stages stages,
            List<LayerNormSite> sites,
            List<List<Parameter>> stacks) {
        this.config = config;
        dropout = new Configured(config);
        this.parameters = parameters;
        this.stages = stages;
        this.sites = new ArrayList<>(sites);
        this.stacks = List.copyOf(stacks);
    }

    /** Adds a head. */
    public HeadedNetwork with(Head head, HeadBlock block) {
        heads.put(head, block);
        return this;
    }

    /** Adds a site of a head. */
    public HeadedNetwork withSite(LayerNormSite site) {
        sites.add(site);
        return this;
    }

    /** Adds a dropout of a head. */
    public HeadedNetwork withDropout(DropoutSite site) {
        headDropout.add(site);
        return this;
    }

    /** Has other places of dropout below the heads than its configuration says, which are those of pre-training. */
    public HeadedNetwork dropping(DropoutPlaces places) {
        dropout = places;
        return this;
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public List<Parameter> parameters() {
        return parameters.all();
    }

    @Override
    public Set<Parameter> buffers() {
        return parameters.constants();
    }

    @Override
    public Set<Parameter> optional() {
        return parameters.optional();
    }

    @Override
    public Map<Parameter, HiddenAxes> hiddenAxes() {
        return parameters.hiddenAxes();
    }

    @Override
    public List<LayerNormSite> layerNormSites() {
        return Collections.unmodifiableList(sites);
    }

    @Override
    public List<List<Parameter>> stacks() {
        return stacks;
    }

    @Override
    public List<DropoutSite> dropoutSites(long length, long longest) {
        return withHeads(dropout.of(length, longest));
    }

    @Override
    public List<DropoutSite> dropoutSites(BatchLengths lengths, BatchLengths longest) {
        return withHeads(dropout.of(lengths, longest));
    }

    private List<DropoutSite> withHeads(List<DropoutSite> below) {
        List<DropoutSite> all = new ArrayList<>(below);
        all.addAll(headDropout);
        return all;
    }

    @Override
    public Stages stages() {
        return stages;
    }

    @Override
    public Set<Head> heads() {
        return Collections.unmodifiableSet(heads.keySet());
    }

    @Override
    public int outputs(Head head) {
        return heads.get(head).outputs();
    }

    @Override
    public NDArray head(ForwardPass pass, Head head, NDArray hidden, DeviceBatch batch) {
        return heads.get(head).logits(pass, hidden, batch);
    }
}
