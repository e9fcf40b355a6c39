package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import norma.trainer.bert.FlatParameters.Leaf;
import norma.trainer.optimizer.AdamW;
import norma.trainer.safetensors.HostTensor;

/** A model's parameters with AdamW's moments: what a learner's step updates and a checkpoint keeps. */
final class TrainedParameters implements AutoCloseable {
    private final NDManager manager;
    private final FlatParameters parameters;
    private final List<NDArray> views = new ArrayList<>();
    private final List<Leaf> trained = new ArrayList<>();
    private final List<List<Leaf>> groupLeaves = new ArrayList<>();
    private final List<AdamW.Group> groups = new ArrayList<>();
    private final NDArray firstMoments;
    private final NDArray secondMoments;
    private final AdamW optimizer;
    private long updates;

    /**
     * Fresh weights and moments.
     *
     * @param manager owns all of them
     * @param frozen parameters that no step changes
     */
    TrainedParameters(
            BertModel model,
            NDManager manager,
            AdamW.Hyperparameters hyperparameters,
            DecayGroups decay,
            Set<Parameter> frozen) {
        this.manager = manager;
        parameters = new FlatParameters(model, manager);
        firstMoments = parameters.zeros();
        secondMoments = parameters.zeros();
        optimizer = new AdamW(manager, hyperparameters);
        for (Leaf leaf : parameters.leaves()) {
            views.add(parameters.view(parameters.values(), leaf));
            if (!frozen.contains(leaf.first())) {
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
        groupLeaves.add(leaves);
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

    /** The pass of a step, whose leaves live as long as the scope. */
    StepPass stepPass(NDManager scope) {
        return new StepPass(parameters, views, scope);
    }

    /** A pass without dropout and gradient, on the weights as they are. */
    ForwardPass inferencePass() {
        JniUtils.setGradMode(false);
        return new StoredPass(parameters, views);
    }

    /**
     * The L2 norm over all gradients of a pass.
     *
     * @param divisor what they still have to be divided by
     */
    double gradientNorm(StepPass pass, double divisor) {
        return optimizer.norm(pass.gradients(trained)) / divisor;
    }

    /**
     * One update.
     *
     * @param pass whose gradients these are; they are overwritten
     * @param divisor what they still have to be divided by
     * @param norm as {@link #gradientNorm} gave it
     */
    void update(StepPass pass, double divisor, double norm, double learningRate) {
        updates++;
        for (int i = 0; i < groups.size(); i++) {
            List<PtNDArray> gradients = pass.gradients(groupLeaves.get(i));
            optimizer.update(groups.get(i), gradients, divisor, norm, learningRate, updates);
        }
    }

    /** The gradients of a pass by Hugging Face name, divided. */
    Map<String, HostTensor> gradients(StepPass pass, double divisor, NDManager scope) {
        NDArray flat = parameters.zeros();
        flat.attach(scope);
        List<PtNDArray> gradients = pass.gradients(trained);
        for (int i = 0; i < trained.size(); i++) {
            NDArray mean = gradients.get(i).div(divisor);
            FlatParameters.write(flat, trained.get(i).offset(), mean);
        }
        return parameters.toHost(flat, trained, "");
    }

    /** A copy of every LayerNorm parameter: (sites, 2, H). */
    float[] layerNorms() {
        return parameters.layerNorms();
    }

    /** Updates so far. */
    long updates() {
        return updates;
    }

    /** About the bytes of a checkpoint: weights and two moments. */
    long checkpointBytes() {
        return 3 * Float.BYTES * parameters.values().size();
    }

    /** Weights by Hugging Face name, in file order. */
    Map<String, HostTensor> weights() {
        return parameters.toHost(parameters.values(), parameters.leaves(), "");
    }

    /** Moments, in file order: {@code exp_avg.<name>} and {@code exp_avg_sq.<name>}. */
    Map<String, HostTensor> optimizerState() {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        state.putAll(parameters.toHost(firstMoments, trained, "exp_avg."));
        state.putAll(parameters.toHost(secondMoments, trained, "exp_avg_sq."));
        return state;
    }

    /** Takes weights, moments and the count of updates. */
    void restore(Map<String, HostTensor> weights, Map<String, HostTensor> optimizerState, long updatesSoFar) {
        load(weights);
        parameters.fromHost(firstMoments, optimizerState, trained, "exp_avg.");
        parameters.fromHost(secondMoments, optimizerState, trained, "exp_avg_sq.");
        updates = updatesSoFar;
    }

    /** Takes weights alone; moments and update count stay. */
    void load(Map<String, HostTensor> weights) {
        parameters.fromHost(parameters.values(), weights, parameters.leaves(), "");
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
