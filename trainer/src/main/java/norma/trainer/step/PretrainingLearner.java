package norma.trainer.step;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import norma.datasets.batches.Batch;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Upload;
import norma.trainer.model.DimensionValue;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LossTerm;
import norma.trainer.model.Network;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.ScoreSums;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.Clipping;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.optimizer.Optimizer;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.torchscript.TorchScript;

/**
 * A model with its optimiser: what the pre-training loop drives. On several devices each has a replica, which takes its
 * share of a batch; gradients are added up, and every replica makes the same update.
 */
public final class PretrainingLearner implements Learner {
    private static final String FUNCTIONS = """
              def pack(self: __torch__.Functions, losses: List[Tensor], norm: Tensor, skipped: Tensor) -> Tensor:
                rest = torch.stack([torch.to(norm, 7), torch.to(skipped, 7)])
                return torch.cat([torch.stack(losses), rest])
            """;

    private final List<LossTerm> terms;
    private final List<Replica> replicas;
    private final Replica first;
    private final TorchScript script;
    private final GradientSum gradientSum;
    private final DeviceReads reads;
    private final StepClock clock;
    private final LayerNormCopies layerNorms;
    private PtNDArray lastSums;

    private PretrainingLearner(List<Replica> replicas, DeviceReads reads, StepClock clock) {
        this.replicas = replicas;
        this.reads = reads;
        this.clock = clock;
        first = replicas.get(0);
        terms = first.model().terms();
        script = TorchScript.compile(first.manager(), FUNCTIONS);
        gradientSum = new GradientSum(first.manager());
        layerNorms = new LayerNormCopies(first.parameters().snapshot(), reads);
    }

    /**
     * A model with fresh weights and moments.
     *
     * @param model makes a model for each device, all alike
     * @param optimizer which, with its numbers
     * @param decay which parameters decay besides the matrices
     * @param seed of dropout
     * @param devices where to compute, a replica on each; of one kind, and one may be named more than once
     * @param precision of the training steps' matrix products; evaluation is in float32, but beside tf32, which is a
     *     switch of the whole process
     * @param clock told when each part of a step begins
     */
    public static PretrainingLearner create(
            Supplier<PretrainingModel> model,
            Optimizer.Settings optimizer,
            DecayGroups decay,
            long seed,
            List<Device> devices,
            Precision precision,
            StepClock clock) {
        return create(model, optimizer, decay, seed, devices, Replica.Kernels.of(devices.get(0), precision), clock);
    }

    /** The same with the kernels chosen. */
    static PretrainingLearner create(
            Supplier<PretrainingModel> model,
            Optimizer.Settings optimizer,
            DecayGroups decay,
            long seed,
            List<Device> devices,
            Replica.Kernels kernels,
            StepClock clock) {
        DeviceReads reads = new DeviceReads();
        List<Replica> replicas = devices.stream()
                .map(device -> new Replica(model.get(), optimizer, decay, seed, device, kernels, reads, clock))
                .toList();
        return new PretrainingLearner(replicas, reads, clock);
    }

    /** What is trained, with its weights. */
    public PretrainingModel model() {
        return first.model();
    }

    /** The copies of the model, one for each device. */
    List<Replica> replicas() {
        return replicas;
    }

    /** The manager that owns the weights, of the first replica if there are several. */
    NDManager manager() {
        return first.manager();
    }

    /** How often values were read from a device. */
    public DeviceReads reads() {
        return reads;
    }

    @Override
    public List<LossTerm> terms() {
        return terms;
    }

    @Override
    public StepResult step(long step, List<Batch> microBatches, double learningRate) {
        StepMeans means = StepMeans.of(terms, microBatches);
        List<NDManager> scopes = replicas.stream()
                .map(replica -> replica.manager().newSubManager())
                .toList();
        try {
            List<Replica.Sums> sums = accumulate(scopes, step, microBatches, means);
            List<PtNDArray> losses = totals(sums, scopes.get(0));
            PtNDArray norm = means.ofNothing()
                    ? (PtNDArray) scopes.get(0).zeros(new Shape())
                    : update(sums, scopes, sum(losses), means, learningRate);
            clock.enter(StepClock.Part.REST);
            pack(losses, norm);
            PtNDArray packed = lastSums;
            return () -> means.outcome(reads.doubles(packed));
        } finally {
            scopes.forEach(NDManager::close);
        }
    }

    /** Gradients of the mean loss over the micro-batches, by Hugging Face name, without an update. */
    public Map<String, HostTensor> gradients(long step, List<Batch> microBatches) {
        StepMeans means = StepMeans.of(terms, microBatches);
        List<NDManager> scopes = replicas.stream()
                .map(replica -> replica.manager().newSubManager())
                .toList();
        try {
            List<List<PtNDArray>> gradients = summed(accumulate(scopes, step, microBatches, means), scopes);
            return first.parameters()
                    .gradients(PretrainingModel.MAIN, gradients.get(0), means.divisor(), scopes.get(0));
        } finally {
            scopes.forEach(NDManager::close);
        }
    }

    /**
     * Forward and backward over the micro-batches, each replica its share of them. The gradients are left undivided:
     * those of the loss times {@link StepMeans#divisor}. Each replica gets one micro-batch in turn, for a device takes
     * about a thousand launches before it makes this thread wait, which one micro-batch may be.
     */
    private List<Replica.Sums> accumulate(
            List<NDManager> scopes, long step, List<Batch> microBatches, StepMeans means) {
        if (microBatches.size() % replicas.size() != 0) {
            throw new IllegalArgumentException(
                    microBatches.size() + " micro-batches for " + replicas.size() + " replicas");
        }
        int share = microBatches.size() / replicas.size();
        List<Replica.Share> shares = new ArrayList<>();
        int firstRow = 0;
        for (int i = 0; i < replicas.size(); i++) {
            shares.add(replicas.get(i).share(scopes.get(i), step, firstRow, means.longest(), means.weights()));
            firstRow += microBatches.subList(i * share, (i + 1) * share).stream()
                    .mapToInt(Batch::rows)
                    .sum();
        }
        for (int micro = 0; micro < share; micro++) {
            for (int i = 0; i < replicas.size(); i++) {
                shares.get(i).add(microBatches.get(i * share + micro));
            }
        }
        return shares.stream().map(Replica.Share::sums).toList();
    }

    /** Each term's sum over the replicas, on the first one's device. */
    private List<PtNDArray> totals(List<Replica.Sums> sums, NDManager scope) {
        List<PtNDArray> totals = new ArrayList<>();
        for (int term = 0; term < terms.size(); term++) {
            NDArray total = sums.get(0).losses().get(term);
            for (Replica.Sums more : sums.subList(1, sums.size())) {
                total.addi(first.upload().move(scope, more.losses().get(term)));
            }
            totals.add((PtNDArray) total);
        }
        return totals;
    }

    /** All terms together, for the look whether the loss is finite. */
    private static NDArray sum(List<PtNDArray> losses) {
        NDArray sum = losses.get(0);
        for (PtNDArray loss : losses.subList(1, losses.size())) {
            sum = sum.add(loss);
        }
        return sum;
    }

    private List<List<PtNDArray>> summed(List<Replica.Sums> sums, List<NDManager> scopes) {
        List<List<PtNDArray>> own = sums.stream().map(Replica.Sums::gradients).toList();
        return replicas.size() == 1
                ? own
                : gradientSum.of(own, replicas.stream().map(Replica::upload).toList(), scopes);
    }

    /**
     * Updates every replica by what the first one finds to be the gradients' scale, and gives their norm before their
     * division.
     */
    private PtNDArray update(
            List<Replica.Sums> sums, List<NDManager> scopes, NDArray loss, StepMeans means, double learningRate) {
        clock.enter(StepClock.Part.CLIPPING);
        List<List<PtNDArray>> gradients = summed(sums, scopes);
        PtNDArray norm = first.parameters().gradientNorm(gradients.get(0));
        clock.enter(StepClock.Part.OPTIMIZER);
        Clipping.Scaling scaling = first.parameters().begin(norm, (PtNDArray) loss, means.divisor());
        first.parameters().update(gradients.get(0), scaling, learningRate);
        for (int i = 1; i < replicas.size(); i++) {
            TrainedParameters parameters = replicas.get(i).parameters();
            Upload upload = replicas.get(i).upload();
            Clipping.Scaling same = parameters.follow(
                    upload.move(scopes.get(i), scaling.scale()), upload.move(scopes.get(i), scaling.stop()));
            parameters.update(gradients.get(i), same, learningRate);
        }
        return norm;
    }

    /** Keeps on the device what {@link StepMeans#outcome} reads. */
    private void pack(List<PtNDArray> losses, PtNDArray norm) {
        if (lastSums != null) {
            lastSums.close();
        }
        try (IValue packed = script.run(
                "pack",
                TorchScript.list(losses),
                IValue.from(norm),
                IValue.from(first.parameters().skippedUpdates()))) {
            lastSums = packed.toTensor((PtNDManager) manager());
        }
    }

    /** A pass without dropout and gradient, on the weights as they are. */
    ForwardPass inferencePass() {
        return first.inferencePass();
    }

    @Override
    public Evaluation evaluate(Iterable<Batch> batches) {
        ScoreSums sums = first.evaluate(batches);
        List<TermScore> scores = new ArrayList<>();
        for (int term = 0; term < terms.size(); term++) {
            scores.add(
                    new TermScore(terms.get(term).name(), sums.meanLoss(term), sums.accuracy(term), sums.count(term)));
        }
        return new Evaluation(scores);
    }

    @Override
    public List<LayerNormSite> layerNormSites() {
        return PretrainingModel.sites(model().networks());
    }

    @Override
    public float[] layerNorms() {
        return layerNorms.read();
    }

    @Override
    public void set(DimensionValue value) {
        replicas.forEach(replica -> replica.parameters().set(value, replica.upload()));
    }

    @Override
    public void keepLayerNorms() {
        layerNorms.keep();
    }

    @Override
    public List<float[]> takeLayerNorms() {
        return layerNorms.take();
    }

    @Override
    public long updates() {
        return first.parameters().updates();
    }

    /** About the bytes of a checkpoint: weights and two moments. */
    public long checkpointBytes() {
        return first.parameters().checkpointBytes();
    }

    @Override
    public Map<String, Network> networks() {
        return model().networks();
    }

    @Override
    public Map<String, NetworkTensors> tensors() {
        requireEqualReplicas();
        Map<String, NetworkTensors> tensors = new LinkedHashMap<>();
        for (String network : model().networks().keySet()) {
            tensors.put(
                    network,
                    new NetworkTensors(
                            first.parameters().weights(network),
                            first.parameters().optimizerState(network)));
        }
        return tensors;
    }

    @Override
    public void restore(Map<String, NetworkTensors> networks, long updates) {
        replicas.forEach(replica -> replica.parameters().restore(networks, updates));
    }

    /** Takes the main network's weights alone; moments and update count stay. */
    public void load(Map<String, HostTensor> weights) {
        replicas.forEach(replica -> replica.parameters().load(PretrainingModel.MAIN, weights));
    }

    /** Every replica has made the same updates from the same sums, so they must not differ in a bit. */
    private void requireEqualReplicas() {
        for (Replica replica : replicas.subList(1, replicas.size())) {
            try (NDManager scope = manager().newSubManager()) {
                NDArray theirs = first.upload().move(scope, replica.parameters().values());
                NDArray largest = theirs.sub(first.parameters().values()).abs().max();
                float difference = reads.floats(largest)[0];
                if (difference > 0) {
                    throw new IllegalStateException("the replicas' weights differ by up to " + difference);
                }
            }
        }
    }

    @Override
    public void close() {
        script.close();
        gradientSum.close();
        replicas.forEach(Replica::close);
    }
}
