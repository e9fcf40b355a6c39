package norma.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import norma.trainer.blocks.KernelSet;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Losses;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.step.FlatParameters.Leaf;

/** A model's parameters with AdamW's moments: what a learner's step updates and a checkpoint keeps. */
final class TrainedParameters implements AutoCloseable {
    private final NDManager manager;
    private final FlatParameters parameters;
    private final List<NDArray> views = new ArrayList<>();
    private final List<Leaf> trained = new ArrayList<>();
    private final List<int[]> groupPlaces = new ArrayList<>(); // of its leaves among the trained ones
    private final List<AdamW.Group> groups = new ArrayList<>();
    private final NDArray firstMoments;
    private final NDArray secondMoments;
    private final AdamW optimizer;
    private long updates;

    private final SiteSnapshot snapshot;

    /**
     * Fresh weights and moments.
     *
     * @param networks by name, the main one first
     * @param manager owns all of them
     * @param frozen parameters that no step changes, besides the networks' buffers
     */
    TrainedParameters(
            Map<String, Network> networks,
            NDManager manager,
            AdamW.Hyperparameters hyperparameters,
            DecayGroups decay,
            Set<Parameter> frozen) {
        this.manager = manager;
        Set<Parameter> constant = new HashSet<>(frozen);
        networks.values().forEach(network -> constant.addAll(network.buffers()));
        parameters = new FlatParameters(networks, manager);
        snapshot = new SiteSnapshot(networks.get(PretrainingModel.MAIN).layerNormSites(), parameters);
        firstMoments = parameters.zeros();
        secondMoments = parameters.zeros();
        optimizer = new AdamW(manager, hyperparameters);
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
        groups.add(new AdamW.Group(
                leaves.stream().map(leaf -> (PtNDArray) views.get(leaf.index())).toList(),
                leaves.stream()
                        .map(leaf -> (PtNDArray) parameters.view(firstMoments, leaf))
                        .toList(),
                leaves.stream()
                        .map(leaf -> (PtNDArray) parameters.view(secondMoments, leaf))
                        .toList(),
                decays));
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
        return optimizer.norm(gradients);
    }

    /**
     * One update; it changes nothing if loss or norm is not finite.
     *
     * @param gradients as {@link #gradients} gave them; they are overwritten
     * @param norm as {@link #gradientNorm} gave it
     * @param loss 0-d
     * @param divisor what the gradients still have to be divided by
     */
    void update(List<PtNDArray> gradients, PtNDArray norm, PtNDArray loss, double divisor, double learningRate) {
        updates++;
        AdamW.Scaling scaling = optimizer.begin(norm, loss, divisor);
        for (int i = 0; i < groups.size(); i++) {
            List<PtNDArray> ofGroup = new ArrayList<>();
            for (int place : groupPlaces.get(i)) {
                ofGroup.add(gradients.get(place));
            }
            optimizer.update(groups.get(i), ofGroup, scaling, learningRate);
        }
    }

    /** Updates that changed nothing, 0-d FLOAT32, on the device. */
    PtNDArray skippedUpdates() {
        return optimizer.skipped();
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

    /** What is recorded of the main network's sites. */
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

    /** About the bytes of a checkpoint: weights and two moments. */
    long checkpointBytes() {
        return 3 * Float.BYTES * parameters.values().size();
    }

    /** A network's weights by Hugging Face name, in file order. */
    Map<String, HostTensor> weights(String network) {
        return parameters.toHost(parameters.values(), network, parameters.leaves(), "");
    }

    /** A network's moments, in file order: {@code exp_avg.<name>} and {@code exp_avg_sq.<name>}. */
    Map<String, HostTensor> optimizerState(String network) {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        state.putAll(parameters.toHost(firstMoments, network, trained, "exp_avg."));
        state.putAll(parameters.toHost(secondMoments, network, trained, "exp_avg_sq."));
        return state;
    }

    /** Takes every network's weights and moments, and the count of updates. */
    void restore(Map<String, NetworkTensors> networks, long updatesSoFar) {
        networks.forEach((network, tensors) -> {
            load(network, tensors.weights());
            parameters.fromHost(firstMoments, network, tensors.optimizerState(), trained, "exp_avg.");
            parameters.fromHost(secondMoments, network, tensors.optimizerState(), trained, "exp_avg_sq.");
        });
        updates = updatesSoFar;
        optimizer.restore(updatesSoFar);
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
        optimizer.close();
    }
}
