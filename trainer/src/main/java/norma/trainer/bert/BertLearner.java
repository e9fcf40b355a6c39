package norma.trainer.bert;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.batches.Batch;
import norma.trainer.device.Devices;
import norma.trainer.layernorm.LayerNormSite;
import norma.trainer.optimizer.AdamW;
import norma.trainer.pretraining.Learner;
import norma.trainer.safetensors.HostTensor;

/** BERT with its optimiser: what the pre-training loop drives. */
public final class BertLearner implements Learner {
    private final BertConfig config;
    private final boolean nextSentence;
    private final NDManager manager;
    private final BertForPreTraining model;
    private final TrainedParameters parameters;
    private final CrossEntropy crossEntropy;
    private final StepClock clock;
    private final BertDropout dropout;

    private BertLearner(
            BertConfig config,
            AdamW.Hyperparameters hyperparameters,
            DecayGroups decay,
            boolean nextSentence,
            long seed,
            Device device,
            StepClock clock) {
        this.config = config;
        this.nextSentence = nextSentence;
        this.clock = clock;
        manager = Devices.engine().newBaseManager(device);
        JniUtils.setGradMode(false);
        model = new BertForPreTraining(config, seed);
        Set<Parameter> frozen = nextSentence ? Set.of() : Set.copyOf(model.nextSentenceParameters());
        parameters = new TrainedParameters(model, manager, hyperparameters, decay, frozen);
        crossEntropy = new CrossEntropy(manager);
        dropout = new BertDropout(config, seed);
    }

    /**
     * A model with fresh weights and moments.
     *
     * @param config the shape; the vocabulary size must be known
     * @param hyperparameters of AdamW
     * @param decay which parameters decay besides the matrices
     * @param nextSentence whether the next-sentence head is trained
     * @param seed of initialisation and dropout
     * @param device where to compute
     */
    public static BertLearner create(
            BertConfig config,
            AdamW.Hyperparameters hyperparameters,
            DecayGroups decay,
            boolean nextSentence,
            long seed,
            Device device) {
        return create(config, hyperparameters, decay, nextSentence, seed, device, StepClock.OFF);
    }

    /** The same, telling a clock when each part of a step begins. */
    public static BertLearner create(
            BertConfig config,
            AdamW.Hyperparameters hyperparameters,
            DecayGroups decay,
            boolean nextSentence,
            long seed,
            Device device,
            StepClock clock) {
        return new BertLearner(config, hyperparameters, decay, nextSentence, seed, device, clock);
    }

    /** The DJL block, with the weights that are being trained. */
    public BertForPreTraining model() {
        return model;
    }

    /** The manager that owns the weights. */
    NDManager manager() {
        return manager;
    }

    @Override
    public Outcome step(long step, List<Batch> microBatches, double learningRate) {
        try (NDManager scope = manager.newSubManager()) {
            StepPass pass = parameters.stepPass(scope);
            Outcome sums = accumulate(pass, scope, step, microBatches);
            if (sums.predictions() == 0 && !nextSentence) {
                return sums;
            }
            return update(pass, sums, learningRate);
        }
    }

    /** Gradients of the mean loss over the micro-batches, by Hugging Face name, without an update. */
    Map<String, HostTensor> gradients(long step, List<Batch> microBatches) {
        try (NDManager scope = manager.newSubManager()) {
            StepPass pass = parameters.stepPass(scope);
            Outcome sums = accumulate(pass, scope, step, microBatches);
            return parameters.gradients(pass, divisor(sums), scope);
        }
    }

    /**
     * Forward and backward over the micro-batches. The gradients are left undivided: those of the loss times
     * {@link #divisor}.
     */
    private Outcome accumulate(StepPass pass, NDManager scope, long step, List<Batch> microBatches) {
        int predictions = 0;
        int rows = 0;
        for (Batch batch : microBatches) {
            predictions += batch.maskedPositions().length;
            rows += batch.rows();
        }
        double maskedLmLoss = 0;
        double nextSentenceLoss = 0;
        int firstRow = 0;
        for (Batch batch : microBatches) {
            try (NDManager micro = scope.newSubManager()) {
                clock.enter(StepClock.Part.DROPOUT_MASKS);
                pass.setDropoutMasks(dropout.forLength(batch.length()).masks(micro, step, firstRow, batch.rows()));
                double[] losses = forwardBackward(pass, micro, batch, nextSentenceScale(predictions, rows));
                maskedLmLoss += losses[0];
                nextSentenceLoss += losses[1];
                firstRow += batch.rows();
            }
        }
        maskedLmLoss = predictions == 0 ? 0 : maskedLmLoss / predictions;
        nextSentenceLoss = nextSentence ? nextSentenceLoss / rows : Double.NaN;
        double loss = nextSentence ? maskedLmLoss + nextSentenceLoss : maskedLmLoss;
        return new Outcome(loss, maskedLmLoss, nextSentenceLoss, 0, predictions);
    }

    /** What the gradients of {@link #accumulate} are to be divided by: the predicted positions. */
    private static double divisor(Outcome sums) {
        return Math.max(1, sums.predictions());
    }

    /** The weight of a row's next-sentence gradient beside a position's masked-LM gradient, before the division. */
    private static double nextSentenceScale(int predictions, int rows) {
        return Math.max(1, predictions) / (double) rows;
    }

    /**
     * One micro-batch. The heads go backward to the last hidden state first, each on its own; then the encoder goes
     * backward once, from the sum.
     *
     * @return masked-LM loss summed over positions, next-sentence loss summed over rows
     */
    @SuppressWarnings("try") // the collector is only opened and closed: autograd records in between
    private double[] forwardBackward(StepPass pass, NDManager micro, Batch batch, double nextSentenceScale) {
        double[] losses = new double[2];
        NDArray tokens = BatchArrays.inputIds(micro, batch); // (B, S)
        NDArray types = BatchArrays.tokenTypeIds(micro, batch); // (B, S)
        NDArray mask = BatchArrays.attentionMask(micro, batch); // (B, S)
        try (GradientCollector collector = Devices.engine().newGradientCollector()) {
            clock.enter(StepClock.Part.FORWARD);
            NDArray hidden = model.encode(pass, tokens, types, mask); // (B*S, H)
            NDArray leaf = hidden.stopGradient(); // (B*S, H)
            leaf.setRequiresGradient(true);

            if (batch.maskedPositions().length > 0) {
                NDArray positions = micro.create(BatchArrays.longs(batch.maskedPositions())); // (M)
                NDArray labels = micro.create(BatchArrays.longs(batch.maskedLabels())); // (M)
                NDArray logits = model.predict(pass, Operators.rows(positions, leaf)); // (M, V)
                CrossEntropy.Result result = crossEntropy.gradient(logits, labels);
                losses[0] = result.loss();
                clock.enter(StepClock.Part.BACKWARD);
                backward(logits, result.gradient());
            }
            if (nextSentence) {
                clock.enter(StepClock.Part.FORWARD);
                NDArray labels = micro.create(BatchArrays.longs(batch.nextSentenceLabels())); // (B)
                NDArray logits = model.relate(pass, model.pool(pass, leaf, batch.rows())); // (B, 2)
                CrossEntropy.Result result = crossEntropy.gradient(logits, labels);
                losses[1] = result.loss();
                clock.enter(StepClock.Part.BACKWARD);
                backward(logits, result.gradient().mul((float) nextSentenceScale));
            }
            clock.enter(StepClock.Part.BACKWARD);
            PtNDArray gradient = JniUtils.getGradient((PtNDArray) leaf);
            if (gradient != null) {
                backward(hidden, gradient);
            }
        }
        return losses;
    }

    private static void backward(NDArray root, NDArray gradient) {
        JniUtils.backward((PtNDArray) root, (PtNDArray) gradient, false, false);
    }

    private Outcome update(StepPass pass, Outcome sums, double learningRate) {
        clock.enter(StepClock.Part.CLIPPING);
        double norm = parameters.gradientNorm(pass, divisor(sums));
        Outcome outcome =
                new Outcome(sums.loss(), sums.maskedLmLoss(), sums.nextSentenceLoss(), norm, sums.predictions());
        if (Double.isFinite(norm) && Double.isFinite(sums.loss())) { // else the caller stops; the weights stay good
            clock.enter(StepClock.Part.OPTIMIZER);
            parameters.update(pass, divisor(sums), norm, learningRate);
        }
        clock.enter(StepClock.Part.REST);
        return outcome;
    }

    /** A pass without dropout and gradient, on the weights as they are. */
    ForwardPass inferencePass() {
        return parameters.inferencePass();
    }

    @Override
    public Evaluation evaluate(Iterable<Batch> batches) {
        double loss = 0;
        long correct = 0;
        long predictions = 0;
        double nextSentenceLoss = 0;
        long nextSentenceCorrect = 0;
        long rows = 0;
        ForwardPass pass = inferencePass();
        for (Batch batch : batches) {
            try (NDManager scope = manager.newSubManager()) {
                NDArray hidden = model.encode(
                        pass,
                        BatchArrays.inputIds(scope, batch),
                        BatchArrays.tokenTypeIds(scope, batch),
                        BatchArrays.attentionMask(scope, batch)); // (B*S, H)
                if (batch.maskedPositions().length > 0) {
                    NDArray positions = scope.create(BatchArrays.longs(batch.maskedPositions())); // (M)
                    NDArray logits = model.predict(pass, Operators.rows(positions, hidden)); // (M, V)
                    CrossEntropy.Score score =
                            crossEntropy.score(logits, scope.create(BatchArrays.longs(batch.maskedLabels())));
                    loss += score.loss();
                    correct += score.correct();
                    predictions += batch.maskedPositions().length;
                }
                if (nextSentence) {
                    NDArray logits = model.relate(pass, model.pool(pass, hidden, batch.rows())); // (B, 2)
                    CrossEntropy.Score score =
                            crossEntropy.score(logits, scope.create(BatchArrays.longs(batch.nextSentenceLabels())));
                    nextSentenceLoss += score.loss();
                    nextSentenceCorrect += score.correct();
                    rows += batch.rows();
                }
            }
        }
        return new Evaluation(
                loss / predictions,
                (double) correct / predictions,
                predictions,
                nextSentence ? nextSentenceLoss / rows : Double.NaN,
                nextSentence ? (double) nextSentenceCorrect / rows : Double.NaN);
    }

    @Override
    public List<LayerNormSite> layerNormSites() {
        return model.layerNormSites();
    }

    @Override
    public int hiddenSize() {
        return config.hiddenSize();
    }

    @Override
    public float[] layerNorms() {
        return parameters.layerNorms();
    }

    @Override
    public long updates() {
        return parameters.updates();
    }

    /** About the bytes of a checkpoint: weights and two moments. */
    public long checkpointBytes() {
        return parameters.checkpointBytes();
    }

    @Override
    public Map<String, HostTensor> weights() {
        return parameters.weights();
    }

    @Override
    public Map<String, HostTensor> optimizerState() {
        return parameters.optimizerState();
    }

    @Override
    public void restore(Map<String, HostTensor> weights, Map<String, HostTensor> optimizerState, long updates) {
        parameters.restore(weights, optimizerState, updates);
    }

    /** Takes weights alone; moments and update count stay. */
    void load(Map<String, HostTensor> weights) {
        parameters.load(weights);
    }

    @Override
    public void close() {
        crossEntropy.close();
        parameters.close();
        manager.close();
    }
}
