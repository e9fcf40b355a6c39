package norma.trainer.step;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Set;
import norma.datasets.batches.Batch;
import norma.datasets.random.CounterHash;
import norma.trainer.bert.BertConfig;
import norma.trainer.bert.BertDropout;
import norma.trainer.bert.BertForPreTraining;
import norma.trainer.blocks.CrossEntropy;
import norma.trainer.blocks.FusedSums;
import norma.trainer.blocks.Operators;
import norma.trainer.device.BatchArrays;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Devices;
import norma.trainer.device.Upload;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Precision;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;

/**
 * One copy of BERT with its optimiser's moments on one device, which goes forward and backward over its share of a
 * batch without waiting for the device.
 */
final class Replica implements AutoCloseable {
    private final NDManager manager;
    private final BertForPreTraining model;
    private final TrainedParameters parameters;
    private final CrossEntropy crossEntropy;
    private final BertDropout dropout;
    private final FusedSums fused;
    private final Upload upload;
    private final boolean nextSentence;
    private final boolean drops;
    private final long seed;
    private final StepClock clock;

    /**
     * A pass over a share of a batch.
     *
     * @param gradients undivided, of everything that is trained
     * @param maskedLmLoss summed over positions, in nats; 0-d FLOAT64
     * @param nextSentenceLoss summed over rows; 0 without that objective
     */
    record Sums(List<PtNDArray> gradients, NDArray maskedLmLoss, NDArray nextSentenceLoss) {}

    Replica(
            BertConfig config,
            AdamW.Hyperparameters hyperparameters,
            DecayGroups decay,
            boolean nextSentence,
            long seed,
            Device device,
            Kernels kernels,
            DeviceReads reads,
            StepClock clock) {
        this.nextSentence = nextSentence;
        this.seed = seed;
        this.clock = clock;
        manager = Devices.engine().newBaseManager(device);
        JniUtils.setGradMode(false);
        model = new BertForPreTraining(config, seed);
        Set<Parameter> frozen = nextSentence ? Set.of() : Set.copyOf(model.nextSentenceParameters());
        parameters = new TrainedParameters(model, manager, hyperparameters, decay, frozen);
        crossEntropy = new CrossEntropy(manager, reads, kernels.withoutWaiting());
        dropout = new BertDropout(config, seed);
        drops = config.hiddenDropoutProb() > 0 || config.attentionProbsDropoutProb() > 0;
        fused = kernels.fused() ? FusedSums.compile(manager, config, kernels.precision()) : null;
        upload = kernels.withoutWaiting() ? Upload.staged(manager) : Upload.to(manager);
    }

    /**
     * What a replica computes with.
     *
     * @param fused whether {@link FusedSums} take the place of DJL's operators and of the masks of
     *     {@link norma.trainer.dropout.DropoutMasks}
     * @param precision of the fused functions
     * @param withoutWaiting whether arrays are staged on their way to the device, and the loss takes the form that
     *     never looks at a value
     */
    record Kernels(boolean fused, Precision precision, boolean withoutWaiting) {
        /** The best for a device: DJL's operators are the faster ones on a CPU, and know float32 only. */
        static Kernels of(Device device, Precision precision) {
            boolean gpu = device.isGpu();
            return new Kernels(gpu || precision == Precision.BF16, precision, gpu);
        }
    }

    NDManager manager() {
        return manager;
    }

    BertForPreTraining model() {
        return model;
    }

    TrainedParameters parameters() {
        return parameters;
    }

    Upload upload() {
        return upload;
    }

    /**
     * Forward and backward over micro-batches.
     *
     * @param scope owner of the result, on this replica's device
     * @param step which step, for the dropout draws
     * @param microBatches this replica's share of the step's batch
     * @param firstRow of the first one within the step's batch
     * @param longest length of the longest micro-batch of the step
     * @param nextSentenceScale the weight of a row's next-sentence gradient beside a position's masked-LM gradient
     */
    Sums accumulate(
            NDManager scope, long step, List<Batch> microBatches, int firstRow, int longest, double nextSentenceScale) {
        StepPass pass = parameters.stepPass(scope, fused);
        NDArray maskedLmLoss = scope.zeros(new Shape(), DataType.FLOAT64);
        NDArray nextSentenceLoss = scope.zeros(new Shape(), DataType.FLOAT64);
        NDArray scale =
                nextSentence ? upload.floats(scope, new float[] {(float) nextSentenceScale}, new Shape(1)) : null;
        int row = firstRow;
        for (Batch batch : microBatches) {
            try (NDManager micro = scope.newSubManager()) {
                clock.enter(StepClock.Part.DROPOUT_MASKS);
                if (fused == null) {
                    pass.setDropoutMasks(dropout.masks(micro, batch.length(), longest, step, row, batch.rows()));
                } else if (drops) {
                    long key = CounterHash.key(seed, "fused dropout", step, row);
                    Devices.engine().setRandomSeed((int) (key ^ key >>> 32));
                }
                forwardBackward(pass, micro, batch, scale, maskedLmLoss, nextSentenceLoss);
                row += batch.rows();
            }
        }
        return new Sums(parameters.gradients(pass), maskedLmLoss, nextSentenceLoss);
    }

    /**
     * One micro-batch. The heads go backward to the last hidden state first, each on its own; then the encoder goes
     * backward once, from the sum.
     */
    @SuppressWarnings("try") // the collector is only opened and closed: autograd records in between
    private void forwardBackward(
            StepPass pass,
            NDManager micro,
            Batch batch,
            NDArray nextSentenceScale,
            NDArray maskedLmLoss,
            NDArray nextSentenceLoss) {
        NDArray tokens = BatchArrays.inputIds(upload, micro, batch); // (B, S)
        NDArray types = BatchArrays.tokenTypeIds(upload, micro, batch); // (B, S)
        NDArray mask = BatchArrays.attentionMask(upload, micro, batch); // (B, S)
        try (GradientCollector collector = Devices.engine().newGradientCollector()) {
            clock.enter(StepClock.Part.FORWARD);
            NDArray hidden = model.encode(pass, tokens, types, mask); // (B*S, H)
            NDArray leaf = hidden.stopGradient(); // (B*S, H)
            leaf.setRequiresGradient(true);

            if (batch.predictedPositions().length > 0) {
                NDArray positions = BatchArrays.predictedPositions(upload, micro, batch); // (M)
                NDArray labels = BatchArrays.predictedLabels(upload, micro, batch); // (M)
                NDArray logits = model.predict(pass, Operators.rows(positions, leaf)); // (M, V)
                CrossEntropy.Result result = crossEntropy.gradient(logits, labels);
                maskedLmLoss.addi(result.loss());
                clock.enter(StepClock.Part.BACKWARD);
                backward(logits, result.gradient());
            }
            if (nextSentence) {
                clock.enter(StepClock.Part.FORWARD);
                NDArray labels = BatchArrays.nextSentenceLabels(upload, micro, batch); // (B)
                NDArray logits = model.relate(pass, model.pool(pass, leaf, batch.rows())); // (B, 2)
                CrossEntropy.Result result = crossEntropy.gradient(logits, labels);
                nextSentenceLoss.addi(result.loss());
                clock.enter(StepClock.Part.BACKWARD);
                backward(logits, result.gradient().mul(nextSentenceScale));
            }
            clock.enter(StepClock.Part.BACKWARD);
            PtNDArray gradient = JniUtils.getGradient((PtNDArray) leaf);
            if (gradient != null) {
                backward(hidden, gradient);
            }
        }
    }

    private static void backward(NDArray root, NDArray gradient) {
        JniUtils.backward((PtNDArray) root, (PtNDArray) gradient, false, false);
    }

    /** Losses and accuracy over held-out batches in float32, see {@link Learner#evaluate}. */
    Learner.Evaluation evaluate(Iterable<Batch> batches) {
        double loss = 0;
        long correct = 0;
        long predictions = 0;
        double nextSentenceLoss = 0;
        long nextSentenceCorrect = 0;
        long rows = 0;
        ForwardPass pass = parameters.inferencePass();
        for (Batch batch : batches) {
            try (NDManager scope = manager.newSubManager()) {
                NDArray hidden = model.encode(
                        pass,
                        BatchArrays.inputIds(upload, scope, batch),
                        BatchArrays.tokenTypeIds(upload, scope, batch),
                        BatchArrays.attentionMask(upload, scope, batch)); // (B*S, H)
                if (batch.predictedPositions().length > 0) {
                    NDArray positions = BatchArrays.predictedPositions(upload, scope, batch); // (M)
                    NDArray logits = model.predict(pass, Operators.rows(positions, hidden)); // (M, V)
                    CrossEntropy.Score score =
                            crossEntropy.score(logits, BatchArrays.predictedLabels(upload, scope, batch));
                    loss += score.loss();
                    correct += score.correct();
                    predictions += batch.predictedPositions().length;
                }
                if (nextSentence) {
                    NDArray logits = model.relate(pass, model.pool(pass, hidden, batch.rows())); // (B, 2)
                    CrossEntropy.Score score =
                            crossEntropy.score(logits, BatchArrays.nextSentenceLabels(upload, scope, batch));
                    nextSentenceLoss += score.loss();
                    nextSentenceCorrect += score.correct();
                    rows += batch.rows();
                }
            }
        }
        return new Learner.Evaluation(
                loss / predictions,
                (double) correct / predictions,
                predictions,
                nextSentence ? nextSentenceLoss / rows : Double.NaN,
                nextSentence ? (double) nextSentenceCorrect / rows : Double.NaN);
    }

    @Override
    public void close() {
        if (fused != null) {
            fused.close();
        }
        upload.close();
        crossEntropy.close();
        parameters.close();
        manager.close();
    }
}
