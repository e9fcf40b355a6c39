package norma.trainer.step;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.batches.Batch;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.TaskKind;
import norma.trainer.bert.BertConfig;
import norma.trainer.bert.BertDropout;
import norma.trainer.bert.BertForSequenceClassification;
import norma.trainer.bert.BertHead;
import norma.trainer.blocks.CrossEntropy;
import norma.trainer.device.BatchArrays;
import norma.trainer.device.Devices;
import norma.trainer.device.Upload;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.safetensors.HostTensor;

/**
 * BERT with a classifier and its optimiser: what fine-tuning drives (Devlin et al. 2019, section 4.1). Dropout stands
 * where pre-training has it and on the pooled token. One thread uses it.
 */
public final class ClassificationLearner implements AutoCloseable {
    private final BertConfig config;
    private final TaskKind kind;
    private final NDManager manager;
    private final BertForSequenceClassification model;
    private final TrainedParameters parameters;
    private final TaskLoss taskLoss;
    private final BertDropout dropout;
    private final Upload upload;

    /**
     * What a step did.
     *
     * @param loss mean over the step's rows, of several labels over rows and labels
     * @param gradientNorm L2 norm over all gradients before clipping
     */
    public record Outcome(double loss, double gradientNorm) {}

    private ClassificationLearner(
            BertConfig config,
            TaskKind kind,
            AdamW.Hyperparameters hyperparameters,
            DecayGroups decay,
            long seed,
            Device device) {
        this.config = config;
        this.kind = kind;
        manager = Devices.engine().newBaseManager(device);
        JniUtils.setGradMode(false);
        model = new BertForSequenceClassification(config, kind.outputs(), seed);
        parameters = new TrainedParameters(model, manager, hyperparameters, decay, Set.of());
        taskLoss = new TaskLoss(manager, kind);
        upload = Upload.to(manager);
        dropout = BertDropout.withPooledToken(config, seed);
    }

    /**
     * A model with fresh weights and moments.
     *
     * @param config the shape; the vocabulary size must be known
     * @param kind what is predicted
     * @param hyperparameters of AdamW
     * @param decay which parameters decay besides the matrices
     * @param seed of initialisation and dropout
     * @param device where to compute
     */
    public static ClassificationLearner create(
            BertConfig config,
            TaskKind kind,
            AdamW.Hyperparameters hyperparameters,
            DecayGroups decay,
            long seed,
            Device device) {
        return new ClassificationLearner(config, kind, hyperparameters, decay, seed, device);
    }

    /**
     * Takes the encoder of a pre-trained model, and its pooler if it has one; the classifier stays fresh.
     *
     * @param pretrained of this model's shape
     */
    public void begin(PretrainedModel pretrained) {
        boolean pooled = pretrained.heads().contains(BertHead.POOLER);
        for (String name : parameters.names()) {
            BertHead head = BertHead.of(name);
            if (head == null || (head == BertHead.POOLER && pooled)) {
                parameters.write(name, pretrained.parameter(name));
            }
        }
    }

    /** The manager that owns the weights. */
    NDManager manager() {
        return manager;
    }

    /**
     * One optimiser step: forward and backward over the micro-batches, gradients of the mean loss over all of them
     * together, clipping, update. A step whose loss or gradient is not finite changes nothing.
     *
     * @param step which step, counted from 0, for the dropout draws
     * @param microBatches the step's batch, cut by rows
     * @param learningRate this step's rate
     */
    public Outcome step(long step, List<LabelledBatch> microBatches, double learningRate) {
        try (NDManager scope = manager.newSubManager()) {
            StepPass pass = parameters.stepPass(scope, null);
            double terms = taskLoss.terms(rows(microBatches));
            double loss = accumulate(pass, scope, step, microBatches) / terms;
            List<PtNDArray> gradients = parameters.gradients(pass);
            PtNDArray norm = parameters.gradientNorm(gradients);
            double mean = norm.getFloat() / terms;
            if (Double.isFinite(loss) && Double.isFinite(mean)) { // else the caller stops; the weights stay good
                parameters.update(gradients, norm, (PtNDArray) scope.create(loss), terms, learningRate);
            }
            return new Outcome(loss, mean);
        }
    }

    /** Gradients of the mean loss over the micro-batches, by Hugging Face name, without an update. */
    Map<String, HostTensor> gradients(long step, List<LabelledBatch> microBatches) {
        try (NDManager scope = manager.newSubManager()) {
            StepPass pass = parameters.stepPass(scope, null);
            accumulate(pass, scope, step, microBatches);
            return parameters.gradients(pass, taskLoss.terms(rows(microBatches)), scope);
        }
    }

    private static int rows(List<LabelledBatch> microBatches) {
        return microBatches.stream().mapToInt(LabelledBatch::rows).sum();
    }

    /** Forward and backward over the micro-batches; loss and gradients are left summed. */
    private double accumulate(StepPass pass, NDManager scope, long step, List<LabelledBatch> microBatches) {
        double loss = 0;
        int firstRow = 0;
        int longest = microBatches.stream()
                .mapToInt(batch -> batch.inputs().length())
                .max()
                .orElse(0);
        for (LabelledBatch batch : microBatches) {
            try (NDManager micro = scope.newSubManager()) {
                int length = batch.inputs().length();
                pass.setDropoutMasks(dropout.masks(micro, length, longest, step, firstRow, batch.rows()));
                loss += forwardBackward(pass, micro, batch);
                firstRow += batch.rows();
            }
        }
        return loss;
    }

    @SuppressWarnings("try") // the collector is only opened and closed: autograd records in between
    private double forwardBackward(StepPass pass, NDManager micro, LabelledBatch batch) {
        try (GradientCollector collector = Devices.engine().newGradientCollector()) {
            NDArray logits = logits(pass, micro, batch.inputs()); // (B, K)
            CrossEntropy.Result result = taskLoss.gradient(logits, batch);
            JniUtils.backward((PtNDArray) logits, (PtNDArray) result.gradient(), false, false);
            return result.loss().getDouble();
        }
    }

    private NDArray logits(ForwardPass pass, NDManager owner, Batch inputs) {
        NDArray hidden = model.encoder()
                .forward(
                        pass,
                        BatchArrays.inputIds(upload, owner, inputs),
                        BatchArrays.tokenTypeIds(upload, owner, inputs),
                        BatchArrays.attentionMask(upload, owner, inputs)); // (B*S, H)
        return model.classify(pass, hidden, inputs.rows()); // (B, K)
    }

    /** Logits of a batch, dropout off: (B*K), row by row. */
    public float[] logits(LabelledBatch batch) {
        ForwardPass pass = parameters.inferencePass();
        try (NDManager scope = manager.newSubManager()) {
            return logits(pass, scope, batch.inputs()).toFloatArray();
        }
    }

    /** The encoder's LayerNorm sites in the order of the forward pass. */
    public List<LayerNormSite> layerNormSites() {
        return model.layerNormSites();
    }

    /** Width H of every site. */
    public int hiddenSize() {
        return config.hiddenSize();
    }

    /** What is predicted. */
    public TaskKind kind() {
        return kind;
    }

    /** Every site's weight and bias now, a copy: (sites, 2, H), weight before bias. */
    public float[] layerNorms() {
        return parameters.layerNorms();
    }

    /** Updates that have been applied. */
    public long updates() {
        return parameters.updates();
    }

    /** Weights by Hugging Face name, in file order, copied to Java memory. */
    public Map<String, HostTensor> weights() {
        return parameters.weights();
    }

    /** The optimiser's moments: {@code exp_avg.<name>} and {@code exp_avg_sq.<name>}. */
    public Map<String, HostTensor> optimizerState() {
        return parameters.optimizerState();
    }

    /** Takes weights, moments and update count as a checkpoint has them. */
    public void restore(Map<String, HostTensor> weights, Map<String, HostTensor> optimizerState, long updates) {
        parameters.restore(weights, optimizerState, updates);
    }

    /** Takes weights alone. */
    void load(Map<String, HostTensor> weights) {
        parameters.load(weights);
    }

    @Override
    public void close() {
        taskLoss.close();
        upload.close();
        parameters.close();
        manager.close();
    }
}
