package norma.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import norma.datasets.base.InvalidInputException;
import norma.trainer.blocks.KernelSet;
import norma.trainer.device.Upload;
import norma.trainer.model.DimensionValue;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Losses;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.Clipping;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.optimizer.Optimizer;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.step.FlatParameters.Leaf;

/** A model's parameters with the optimiser's state: what a learner's step updates and a checkpoint keeps. */
final class TrainedParameters implements AutoCloseable {
    private final NDManager manager;
    private final FlatParameters parameters;
    private final List<NDArray> views = new ArrayList<>();
    private final List<Leaf> trained = new ArrayList<>();
    private final List<int[]> groupPlaces = new ArrayList<>(); // of its leaves among the trained ones
    private final List<Optimizer.Group> groups = new ArrayList<>();
    private final Map<String, NDArray> state = new LinkedHashMap<>(); // by torch's name, each a flat array
    private final Map<Parameter, HiddenAxes> hiddenAxes = new HashMap<>();
    private final Clipping clipping;
    private final Optimizer optimizer;
    private final List<LayerNormSite> sites;
    private final Map<DimensionValue, DimensionEdit> edits = new HashMap<>();
    private long updates;

    private final SiteSnapshot snapshot;

    /**
     * Fresh weights and optimiser.
     *
     * @param networks by name, the main one first
     * @param manager owns all of them
     * @param settings of the optimiser
     * @param decay which parameters decay besides the matrices
     * @param frozen parameters that no step changes, besides the networks' buffers
     */
    TrainedParameters(
            Map<String, Network> networks,
            NDManager manager,
            Optimizer.Settings settings,
            DecayGroups decay,
            Set<Parameter> frozen) {
        this.manager = manager;
        Set<Parameter> constant = new HashSet<>(frozen);
        networks.values().forEach(network -> constant.addAll(network.buffers()));
        parameters = new FlatParameters(networks, manager);
        sites = networks.get(PretrainingModel.MAIN).layerNormSites();
        snapshot = new SiteSnapshot(PretrainingModel.sites(networks), parameters);
        settings.state().forEach(name -> state.put(name, parameters.zeros()));
        clipping = new Clipping(manager, settings.maxGradientNorm());
        optimizer = settings.create(
                manager, networks.get(PretrainingModel.MAIN).config().hiddenSize());
        for (Network network : networks.values()) {
            Map<Parameter, HiddenAxes> axes = network.hiddenAxes();
            if (settings.needsHiddenAxes() && axes.isEmpty()) {
                throw InvalidInputException.of(
                        "config",
                        "optimizer.type",
                        settings.type(),
                        "another, for model.model_type " + network.config().modelType()
                                + " does not say which axes of its matrices are the hidden vector's");
            }
            hiddenAxes.putAll(axes);
        }
        for (Leaf leaf : parameters.leaves()) {
            views.add(parameters.view(parameters.values(), leaf));
            if (!constant.contains(leaf.first())) {
                trained.add(leaf);
            }
        }
        addGroup(leaf -> decays(leaf, decay), true);
        addGroup(leaf -> !decays(leaf, decay), false);
    }

    private static boolean decays(Leaf leaf, DecayGroups decay) {
        return switch (leaf.first().getType()) {
            case GAMMA, BETA -> decay.layerNorm();
            case BIAS -> decay.bias();
            default -> true;
        };
    }

    private void addGroup(Predicate<Leaf> member, boolean decays) {
        List<Leaf> leaves = trained.stream().filter(member).toList();
        groupPlaces.add(leaves.stream().mapToInt(trained::indexOf).toArray());
        groups.add(new Optimizer.Group(
                leaves.stream().map(leaf -> (PtNDArray) views.get(leaf.index())).toList(),
                state.values().stream().map(flat -> pieces(flat, leaves)).toList(),
                leaves.stream().map(this::axes).toList(),
                decays));
    }

    private HiddenAxes axes(Leaf leaf) {
        HiddenAxes axes = hiddenAxes.getOrDefault(leaf.first(), HiddenAxes.NONE);
        if (leaf.parameters().size() > 1 && axes != HiddenAxes.NONE && axes != HiddenAxes.SECOND) {
            throw new IllegalStateException(leaf.first().getName() + ": a stack has other rows than hidden positions");
        }
        return axes;
    }

    private List<PtNDArray> pieces(NDArray flat, List<Leaf> leaves) {
        return leaves.stream()
                .map(leaf -> (PtNDArray) parameters.view(flat, leaf))
                .toList();
    }

    /**
     * The pass of a step, whose leaves live as long as the scope.
     *
     * @param kernels what it computes with
     * @param losses what its losses are made by
     * @param clock told when forward and backward begin
     */
    StepPass stepPass(NDManager scope, KernelSet kernels, Losses losses, StepClock clock) {
        return new StepPass(parameters, views, scope, kernels, losses, clock);
    }

    /** A pass without dropout and gradient, on the weights as they are, in float32. */
    ForwardPass inferencePass(KernelSet kernels) {
        JniUtils.setGradMode(false);
        return new StoredPass(parameters, views, kernels);
    }

    /** The gradients of a pass, of everything that is trained, in the order of {@link #update}. */
    List<PtNDArray> gradients(StepPass pass) {
        return pass.gradients(trained);
    }

    /** The L2 norm over all gradients, 0-d FLOAT32, on the device. */
    PtNDArray gradientNorm(List<PtNDArray> gradients) {
        return clipping.norm(gradients);
    }

    /**
     * Begins an update, which will change nothing if loss or norm is not finite.
     *
     * @param norm as {@link #gradientNorm} gave it
     * @param loss 0-d
     * @param divisor what the gradients still have to be divided by
     */
    Clipping.Scaling begin(PtNDArray norm, PtNDArray loss, double divisor) {
        updates++;
        return clipping.begin(norm, loss, divisor);
    }

    /** Begins the update that another replica has begun, by its scale and stop, moved here. */
    Clipping.Scaling follow(PtNDArray scale, PtNDArray stop) {
        updates++;
        return clipping.follow(scale, stop);
    }

    /**
     * One update.
     *
     * @param gradients as {@link #gradients} gave them; they are overwritten
     * @param scaling of the update that was begun
     */
    void update(List<PtNDArray> gradients, Clipping.Scaling scaling, double learningRate) {
        for (int i = 0; i < groups.size(); i++) {
            List<PtNDArray> ofGroup = new ArrayList<>();
            for (int place : groupPlaces.get(i)) {
                ofGroup.add(gradients.get(place));
            }
            optimizer.update(groups.get(i), ofGroup, scaling, learningRate);
        }
    }

    /** Gives every LayerNorm of the main network that has a dimension this value there; moments stay. */
    void set(DimensionValue value, Upload upload) {
        edits.computeIfAbsent(value, one -> new DimensionEdit(sites, parameters, one, manager, upload))
                .apply();
    }

    /** Updates that changed nothing, 0-d FLOAT32, on the device. */
    PtNDArray skippedUpdates() {
        return clipping.skipped();
    }

    /** The gradients of a network by Hugging Face name, divided. */
    Map<String, HostTensor> gradients(String network, List<PtNDArray> gradients, double divisor, NDManager scope) {
        NDArray flat = parameters.zeros();
        flat.attach(scope);
        for (int i = 0; i < trained.size(); i++) {
            NDArray mean = gradients.get(i).div(divisor);
            FlatParameters.write(flat, trained.get(i).offset(), mean);
        }
        return parameters.toHost(flat, network, trained, "");
    }

    /** What is recorded of the networks' sites. */
    SiteSnapshot snapshot() {
        return snapshot;
    }

    /** All values of the model as one array. */
    NDArray values() {
        return parameters.values();
    }

    /** Updates so far, those that changed nothing included. */
    long updates() {
        return updates;
    }

    /**
     * About the bytes of a checkpoint: weights and the optimiser's state; what networks share is in each one's file.
     */
    long checkpointBytes() {
        return (1L + state.size()) * Float.BYTES * parameters.ofEachNetwork();
    }

    /** A network's weights by Hugging Face name, in file order, as they are when their values are asked for. */
    Map<String, HostTensor> weights(String network) {
        return parameters.deferred(parameters.values(), network, parameters.leaves(), "");
    }

    /** What the optimiser keeps of a network, in file order, such as {@code exp_avg.<name>}; as {@link #weights}. */
    Map<String, HostTensor> optimizerState(String network) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        state.forEach((name, flat) -> tensors.putAll(parameters.deferred(flat, network, trained, name + ".")));
        return tensors;
    }

    /** Takes every network's weights and the optimiser's state, and the count of updates. */
    void restore(Map<String, NetworkTensors> networks, long updatesSoFar) {
        networks.forEach((network, tensors) -> {
            load(network, tensors.weights());
            state.forEach(
                    (name, flat) -> parameters.fromHost(flat, network, tensors.optimizerState(), trained, name + "."));
        });
        updates = updatesSoFar;
        clipping.restore(updatesSoFar);
    }

    /** Takes a network's weights alone; moments and update count stay. */
    void load(String network, Map<String, HostTensor> weights) {
        parameters.fromHost(parameters.values(), network, weights, parameters.leaves(), "");
    }

    /** Every parameter's name. */
    Set<String> names() {
        return parameters.names();
    }

    /** Replaces one parameter's values. */
    void write(String name, float[] values) {
        parameters.write(name, values);
    }

    NDManager manager() {
        return manager;
    }

    @Override
    public void close() {
        edits.values().forEach(DimensionEdit::close);
        optimizer.close();
        clipping.close();
    }
}
