package norma.trainer.step;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import norma.datasets.batches.Batch;
import norma.trainer.bert.BertConfig;
import norma.trainer.bert.BertForPreTraining;
import norma.trainer.device.DeviceReads;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Precision;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.torchscript.TorchScript;

/**
 * BERT with its optimiser: what the pre-training loop drives. On several devices each has a replica, which takes its
 * share of a batch; gradients are added up, and every replica makes the same update.
 */
public final class PretrainingLearner implements Learner {
    private static final String FUNCTIONS = """
              def pack(self: __torch__.Functions, masked: Tensor, next: Tensor, norm: Tensor, skipped: Tensor) -> Tensor:
                return torch.stack([masked, next, torch.to(norm, 7), torch.to(skipped, 7)])
            """;

    private final BertConfig config;
    private final boolean nextSentence;
    private final List<Replica> replicas;
    private final Replica first;
    private final TorchScript script;
    private final GradientSum gradientSum;
    private final DeviceReads reads;
    private final StepClock clock;
    private final LayerNormCopies layerNorms;
    private PtNDArray lastSums;

    private PretrainingLearner(
            BertConfig config, boolean nextSentence, List<Replica> replicas, DeviceReads reads, StepClock clock) {
        this.config = config;
        this.nextSentence = nextSentence;
        this.replicas = replicas;
        this.reads = reads;
        this.clock = clock;
        first = replicas.get(0);
        script = TorchScript.compile(first.manager(), FUNCTIONS);
        gradientSum = new GradientSum(first.manager());
        layerNorms = new LayerNormCopies(first.parameters(), reads);
    }

    /**
     * A model with fresh weights and moments.
     *
     * @param config the shape; the vocabulary size must be known
     * @param hyperparameters of AdamW
     * @param decay which parameters decay besides the matrices
     * @param nextSentence whether the next-sentence head is trained
     * @param seed of initialisation and dropout
     * @param devices where to compute, a replica on each; of one kind, and one may be named more than once
     * @param precision of the training steps' matrix products; evaluation is always in float32
     * @param clock told when each part of a step begins
     */
    public static PretrainingLearner create(
            BertConfig config,
            AdamW.Hyperparameters hyperparameters,
            DecayGroups decay,
            boolean nextSentence,
            long seed,
            List<Device> devices,
            Precision precision,
            StepClock clock) {
        Replica.Kernels kernels = Replica.Kernels.of(devices.get(0), precision);
        return create(config, hyperparameters, decay, nextSentence, seed, devices, kernels, clock);
    }

    /** The same with the kernels chosen. */
    static PretrainingLearner create(
            BertConfig config,
            AdamW.Hyperparameters hyperparameters,
            DecayGroups decay,
            boolean nextSentence,
            long seed,
            List<Device> devices,
            Replica.Kernels kernels,
            StepClock clock) {
        DeviceReads reads = new DeviceReads();
        List<Replica> replicas = devices.stream()
                .map(device ->
                        new Replica(config, hyperparameters, decay, nextSentence, seed, device, kernels, reads, clock))
                .toList();
        return new PretrainingLearner(config, nextSentence, replicas, reads, clock);
    }

    /** The DJL block, with the weights that are being trained. */
    public BertForPreTraining model() {
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
    public StepResult step(long step, List<Batch> microBatches, double learningRate) {
        Counts counts = Counts.of(microBatches);
        List<NDManager> scopes = replicas.stream()
                .map(replica -> replica.manager().newSubManager())
                .toList();
        try {
            List<Replica.Sums> sums = accumulate(scopes, step, microBatches, counts);
            PtNDArray maskedLmLoss =
                    total(sums.stream().map(Replica.Sums::maskedLmLoss).toList(), scopes.get(0));
            PtNDArray nextSentenceLoss =
                    total(sums.stream().map(Replica.Sums::nextSentenceLoss).toList(), scopes.get(0));
            PtNDArray norm = counts.predictions() == 0 && !nextSentence
                    ? (PtNDArray) scopes.get(0).zeros(new Shape())
                    : update(sums, scopes, maskedLmLoss.add(nextSentenceLoss), counts, learningRate);
            clock.enter(StepClock.Part.REST);
            pack(maskedLmLoss, nextSentenceLoss, norm);
            return new Result(counts, lastSums);
        } finally {
            scopes.forEach(NDManager::close);
        }
    }

    /** Gradients of the mean loss over the micro-batches, by Hugging Face name, without an update. */
    public Map<String, HostTensor> gradients(long step, List<Batch> microBatches) {
        Counts counts = Counts.of(microBatches);
        List<NDManager> scopes = replicas.stream()
                .map(replica -> replica.manager().newSubManager())
                .toList();
        try {
            List<List<PtNDArray>> gradients = summed(accumulate(scopes, step, microBatches, counts), scopes);
            return first.parameters().gradients(gradients.get(0), counts.divisor(), scopes.get(0));
        } finally {
            scopes.forEach(NDManager::close);
        }
    }

    /**
     * What a batch holds.
     *
     * @param predictions predicted positions
     * @param rows sequences
     * @param longest length of its longest micro-batch
     */
    private record Counts(int predictions, int rows, int longest) {
        static Counts of(List<Batch> microBatches) {
            return new Counts(
                    microBatches.stream()
                            .mapToInt(batch -> batch.predictedPositions().length)
                            .sum(),
                    microBatches.stream().mapToInt(Batch::rows).sum(),
                    microBatches.stream().mapToInt(Batch::length).max().orElse(0));
        }

        /** What accumulated gradients are to be divided by: the predicted positions. */
        double divisor() {
            return Math.max(1, predictions);
        }

        /** The weight of a row's next-sentence gradient beside a position's masked-LM gradient, before the division. */
        double nextSentenceScale() {
            return divisor() / rows;
        }
    }

    /**
     * Forward and backward over the micro-batches, each replica its share of them. The gradients are left undivided:
     * those of the loss times {@link Counts#divisor}.
     */
    private List<Replica.Sums> accumulate(List<NDManager> scopes, long step, List<Batch> microBatches, Counts counts) {
        if (microBatches.size() % replicas.size() != 0) {
            throw new IllegalArgumentException(
                    microBatches.size() + " micro-batches for " + replicas.size() + " replicas");
        }
        int share = microBatches.size() / replicas.size();
        List<Replica.Sums> sums = new ArrayList<>();
        int firstRow = 0;
        for (int i = 0; i < replicas.size(); i++) {
            List<Batch> own = microBatches.subList(i * share, (i + 1) * share);
            sums.add(replicas.get(i)
                    .accumulate(scopes.get(i), step, own, firstRow, counts.longest(), counts.nextSentenceScale()));
            firstRow += own.stream().mapToInt(Batch::rows).sum();
        }
        return sums;
    }

    /** A sum over the replicas, on the first one's device. */
    private PtNDArray total(List<NDArray> values, NDManager scope) {
        NDArray total = values.get(0);
        for (NDArray more : values.subList(1, values.size())) {
            total.addi(first.upload().move(scope, more));
        }
        return (PtNDArray) total;
    }

    private List<List<PtNDArray>> summed(List<Replica.Sums> sums, List<NDManager> scopes) {
        List<List<PtNDArray>> own = sums.stream().map(Replica.Sums::gradients).toList();
        return replicas.size() == 1
                ? own
                : gradientSum.of(own, replicas.stream().map(Replica::upload).toList(), scopes);
    }

    /** Updates every replica, and gives the norm of the gradients before their division. */
    private PtNDArray update(
            List<Replica.Sums> sums, List<NDManager> scopes, NDArray loss, Counts counts, double learningRate) {
        clock.enter(StepClock.Part.CLIPPING);
        List<List<PtNDArray>> gradients = summed(sums, scopes);
        PtNDArray firstNorm = null;
        for (int i = 0; i < replicas.size(); i++) {
            clock.enter(StepClock.Part.CLIPPING);
            Replica replica = replicas.get(i);
            PtNDArray norm = replica.parameters().gradientNorm(gradients.get(i));
            PtNDArray here = i == 0 ? (PtNDArray) loss : replica.upload().move(scopes.get(i), loss);
            clock.enter(StepClock.Part.OPTIMIZER);
            replica.parameters().update(gradients.get(i), norm, here, counts.divisor(), learningRate);
            firstNorm = i == 0 ? norm : firstNorm;
        }
        return firstNorm;
    }

    /** Keeps on the device what {@link Result#outcome} reads. */
    private void pack(PtNDArray maskedLmLoss, PtNDArray nextSentenceLoss, PtNDArray norm) {
        if (lastSums != null) {
            lastSums.close();
        }
        try (IValue packed = script.run(
                "pack",
                IValue.from(maskedLmLoss),
                IValue.from(nextSentenceLoss),
                IValue.from(norm),
                IValue.from(first.parameters().skippedUpdates()))) {
            lastSums = packed.toTensor((PtNDManager) manager());
        }
    }

    private final class Result implements StepResult {
        private final Counts counts;
        private final PtNDArray sums;

        Result(Counts counts, PtNDArray sums) {
            this.counts = counts;
            this.sums = sums;
        }

        @Override
        public Outcome outcome() {
            double[] values = reads.doubles(sums);
            double maskedLmLoss = counts.predictions() == 0 ? 0 : values[0] / counts.predictions();
            double nextSentenceLoss = nextSentence ? values[1] / counts.rows() : Double.NaN;
            return new Outcome(
                    nextSentence ? maskedLmLoss + nextSentenceLoss : maskedLmLoss,
                    maskedLmLoss,
                    nextSentenceLoss,
                    values[2] / counts.divisor(),
                    counts.predictions(),
                    (long) values[3]);
        }
    }

    /** A pass without dropout and gradient, on the weights as they are. */
    ForwardPass inferencePass() {
        return first.parameters().inferencePass();
    }

    @Override
    public Evaluation evaluate(Iterable<Batch> batches) {
        return first.evaluate(batches);
    }

    @Override
    public List<LayerNormSite> layerNormSites() {
        return first.model().layerNormSites();
    }

    @Override
    public int hiddenSize() {
        return config.hiddenSize();
    }

    @Override
    public float[] layerNorms() {
        return layerNorms.read();
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
    public Map<String, HostTensor> weights() {
        requireEqualReplicas();
        return first.parameters().weights();
    }

    @Override
    public Map<String, HostTensor> optimizerState() {
        return first.parameters().optimizerState();
    }

    @Override
    public void restore(Map<String, HostTensor> weights, Map<String, HostTensor> optimizerState, long updates) {
        replicas.forEach(replica -> replica.parameters().restore(weights, optimizerState, updates));
    }

    /** Takes weights alone; moments and update count stay. */
    public void load(Map<String, HostTensor> weights) {
        replicas.forEach(replica -> replica.parameters().load(weights));
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
