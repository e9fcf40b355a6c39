package norma.trainer.step;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import norma.datasets.batches.Batch;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.TaskKind;
import norma.trainer.blocks.KernelSet;
import norma.trainer.device.DeviceBatch;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Devices;
import norma.trainer.device.Upload;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Head;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Losses;
import norma.trainer.model.Network;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.Clipping;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.optimizer.Optimizer;
import norma.trainer.safetensors.HostTensor;

/**
 * A model with a classifier and its optimiser: what fine-tuning drives (Devlin et al. 2019, section 4.1). Dropout
 * stands where pre-training has it and on the pooled token. One thread uses it.
 */
public final class ClassificationLearner implements AutoCloseable {
    private final TaskKind kind;
    private final NDManager manager;
    private final Network model;
    private final TrainedParameters parameters;
    private final TaskLoss taskLoss;
    private final StepDropout dropout;
    private final KernelSet kernels;
    private final KernelSet inferenceKernels;
    private final Upload upload;
    private final DeviceReads reads = new DeviceReads();
    private final LayerNormCopies layerNorms;
    private final NDList taken = new NDList(); // loss and gradient norm of each step since the last look, summed
    private final List<Double> terms = new ArrayList<>(); // what their sums are divided by

    /**
     * What a step did.
     *
     * @param loss mean over the step's rows, of several labels over rows and labels
     * @param gradientNorm L2 norm over all gradients before clipping
     */
    public record Outcome(double loss, double gradientNorm) {}

    private ClassificationLearner(
            Network model,
            TaskKind kind,
            Optimizer.Settings optimizer,
            DecayGroups decay,
            long seed,
            Device device,
            Replica.Kernels choice) {
        this.model = model;
        this.kind = kind;
        manager = Devices.engine().newBaseManager(device);
        JniUtils.setGradMode(false);
        kernels = new KernelSet(manager, choice.kernels());
        inferenceKernels = KernelSet.withoutDropout(manager, choice.kernels().forEvaluation());
        parameters = new TrainedParameters(Map.of(PretrainingModel.MAIN, model), manager, optimizer, decay, Set.of());
        upload = choice.withoutWaiting() ? Upload.staged(manager) : Upload.to(manager);
        taskLoss = new TaskLoss(manager, kind, upload, reads, choice.withoutWaiting());
        dropout = new StepDropout(seed, kernels);
        layerNorms = new LayerNormCopies(parameters.snapshot(), reads);
    }

    /**
     * A model with fresh weights and moments.
     *
     * @param model with a classifier of as many outputs as the task has
     * @param kind what is predicted
     * @param optimizer which, with its numbers
     * @param decay which parameters decay besides the matrices
     * @param seed of dropout
     * @param device where to compute
     * @param precision of the training steps' matrix products; evaluation is in float32, but beside tf32, which is a
     *     switch of the whole process
     */
    public static ClassificationLearner create(
            Network model,
            TaskKind kind,
            Optimizer.Settings optimizer,
            DecayGroups decay,
            long seed,
            Device device,
            Precision precision) {
        return create(model, kind, optimizer, decay, seed, device, Replica.Kernels.of(device, precision));
    }

    /** The same with the kernels chosen. */
    static ClassificationLearner create(
            Network model,
            TaskKind kind,
            Optimizer.Settings optimizer,
            DecayGroups decay,
            long seed,
            Device device,
            Replica.Kernels kernels) {
        return new ClassificationLearner(model, kind, optimizer, decay, seed, device, kernels);
    }

    /**
     * Takes the weights of a pre-trained model that this one has too, without its classifier; what the model lacks
     * stays fresh, and so does the classifier.
     *
     * @param pretrained reads its parameters by name; null for one that it lacks
     * @param isTaken which parameters, by name
     */
    public void begin(Function<String, float[]> pretrained, Predicate<String> isTaken) {
        parameters.names().stream().filter(isTaken).forEach(name -> parameters.write(name, pretrained.apply(name)));
    }

    /** The manager that owns the weights. */
    NDManager manager() {
        return manager;
    }

    /** How often values were read from the device. */
    DeviceReads reads() {
        return reads;
    }

    /**
     * Gives the device one optimiser step to do: forward and backward over the micro-batches, gradients of the mean
     * loss over all of them together, clipping, update. A step whose loss or gradient is not finite changes nothing.
     * What it did {@link #outcomes} tells.
     *
     * @param step which step, counted from 0, for the dropout draws
     * @param microBatches the step's batch, cut by rows
     * @param learningRate this step's rate
     */
    public void step(long step, List<LabelledBatch> microBatches, double learningRate) {
        try (NDManager scope = manager.newSubManager()) {
            StepPass pass = stepPass(scope);
            double divisor = taskLoss.terms(rows(microBatches));
            NDArray loss = accumulate(pass, scope, step, microBatches);
            List<PtNDArray> gradients = parameters.gradients(pass);
            PtNDArray norm = parameters.gradientNorm(gradients);
            Clipping.Scaling scaling = parameters.begin(norm, (PtNDArray) loss, divisor);
            parameters.update(gradients, scaling, learningRate);
            keep(loss, norm.toType(DataType.FLOAT64, false), divisor);
        }
    }

    private void keep(NDArray loss, NDArray norm, double divisor) {
        for (NDArray one : List.of(loss, norm)) {
            NDArray kept = one.reshape(1);
            kept.attach(manager);
            taken.add(kept);
        }
        terms.add(divisor);
    }

    /** What the steps since the last time did, oldest first; waits for the device to have done them. */
    public List<Outcome> outcomes() {
        if (terms.isEmpty()) {
            return List.of();
        }
        List<Outcome> outcomes = new ArrayList<>();
        try (NDArray together = NDArrays.concat(taken)) {
            double[] sums = reads.doubles(together);
            for (int i = 0; i < terms.size(); i++) {
                outcomes.add(new Outcome(sums[2 * i] / terms.get(i), sums[2 * i + 1] / terms.get(i)));
            }
        }
        taken.forEach(NDArray::close);
        taken.clear();
        terms.clear();
        return outcomes;
    }

    /** Gradients of the mean loss over the micro-batches, by Hugging Face name, without an update. */
    Map<String, HostTensor> gradients(long step, List<LabelledBatch> microBatches) {
        try (NDManager scope = manager.newSubManager()) {
            StepPass pass = stepPass(scope);
            accumulate(pass, scope, step, microBatches);
            return parameters.gradients(
                    PretrainingModel.MAIN, parameters.gradients(pass), taskLoss.terms(rows(microBatches)), scope);
        }
    }

    private StepPass stepPass(NDManager scope) {
        return parameters.stepPass(scope, kernels, taskLoss.crossEntropy(), StepClock.OFF);
    }

    private static int rows(List<LabelledBatch> microBatches) {
        return microBatches.stream().mapToInt(LabelledBatch::rows).sum();
    }

    /** Forward and backward over the micro-batches; loss and gradients are left summed. */
    private NDArray accumulate(StepPass pass, NDManager scope, long step, List<LabelledBatch> microBatches) {
        NDArray loss = scope.zeros(new Shape(), DataType.FLOAT64);
        int firstRow = 0;
        int longest = microBatches.stream()
                .mapToInt(batch -> batch.inputs().length())
                .max()
                .orElse(0);
        for (LabelledBatch batch : microBatches) {
            try (NDManager micro = scope.newSubManager()) {
                List<DropoutSite> sites = model.dropoutSites(batch.inputs().length(), longest);
                dropout.draw(pass, micro, sites, step, firstRow, batch.rows());
                forwardBackward(pass, micro, batch, loss);
                firstRow += batch.rows();
            }
        }
        return loss;
    }

    @SuppressWarnings("try") // the collector is only opened and closed: autograd records in between
    private void forwardBackward(StepPass pass, NDManager micro, LabelledBatch batch, NDArray loss) {
        try (GradientCollector collector = Devices.engine().newGradientCollector()) {
            NDArray logits = logits(pass, micro, batch.inputs()); // (B, K)
            Losses.Gradient result = taskLoss.gradient(logits, batch);
            loss.addi(result.loss());
            pass.backward(logits, result.gradient());
        }
    }

    private NDArray logits(ForwardPass pass, NDManager owner, Batch inputs) {
        DeviceBatch batch = new DeviceBatch(upload, owner, inputs);
        NDArray hidden = model.stages().forward(pass, batch); // (B*S, H)
        return model.head(pass, Head.CLASSIFIER, hidden, batch); // (B, K)
    }

    /** Logits of a batch, dropout off: (B*K), row by row. */
    public float[] logits(LabelledBatch batch) {
        ForwardPass pass = parameters.inferencePass(inferenceKernels);
        try (NDManager scope = manager.newSubManager()) {
            return reads.floats(logits(pass, scope, batch.inputs()));
        }
    }

    /** The encoder's LayerNorm sites in the order of the forward pass. */
    public List<LayerNormSite> layerNormSites() {
        return model.layerNormSites();
    }

    /** What is predicted. */
    public TaskKind kind() {
        return kind;
    }

    /** Every site's weight and bias now, a copy: (sites, 2, H), weight before bias. */
    public float[] layerNorms() {
        return layerNorms.read();
    }

    /** Keeps a copy of what {@link #layerNorms} would give now, on the device and without waiting for it. */
    public void keepLayerNorms() {
        layerNorms.keep();
    }

    /** The copies kept since the last time, oldest first. */
    public List<float[]> takeLayerNorms() {
        return layerNorms.take();
    }

    /** Updates of the optimiser, those of steps that were not finite included. */
    public long updates() {
        return parameters.updates();
    }

    /** Weights by Hugging Face name, in file order, as they are when their values are asked for. */
    public Map<String, HostTensor> weights() {
        return parameters.weights(PretrainingModel.MAIN);
    }

    /** The optimiser's moments: {@code exp_avg.<name>} and {@code exp_avg_sq.<name>}; as {@link #weights}. */
    public Map<String, HostTensor> optimizerState() {
        return parameters.optimizerState(PretrainingModel.MAIN);
    }

    /** Takes weights, moments and update count as a checkpoint has them. */
    public void restore(Map<String, HostTensor> weights, Map<String, HostTensor> optimizerState, long updates) {
        parameters.restore(Map.of(PretrainingModel.MAIN, new NetworkTensors(weights, optimizerState)), updates);
    }

    /** Takes weights alone. */
    void load(Map<String, HostTensor> weights) {
        parameters.load(PretrainingModel.MAIN, weights);
    }

    @Override
    public void close() {
        kernels.close();
        inferenceKernels.close();
        taskLoss.close();
        upload.close();
        parameters.close();
        manager.close();
    }
}
