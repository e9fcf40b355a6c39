package norma.trainer.step;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.batches.Batch;
import norma.datasets.random.CounterHash;
import norma.trainer.blocks.CrossEntropy;
import norma.trainer.blocks.KernelSet;
import norma.trainer.device.DeviceBatch;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Devices;
import norma.trainer.device.Upload;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.BatchLengths;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LossSums;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.ScoreSums;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.optimizer.Optimizer;

/**
 * One copy of a model with its optimiser's moments on one device, which goes forward and backward over its share of a
 * batch without waiting for the device.
 */
final class Replica implements AutoCloseable {
    private final NDManager manager;
    private final PretrainingModel model;
    private final TrainedParameters parameters;
    private final CrossEntropy crossEntropy;
    private final StepDropout dropout;
    private final KernelSet kernels;
    private final KernelSet inferenceKernels;
    private final Upload upload;
    private final long seed;
    private final StepClock clock;

    /**
     * A pass over a share of a batch.
     *
     * @param gradients undivided, of everything that is trained
     * @param losses a sum for each term, in nats; 0-d FLOAT64
     */
    record Sums(List<PtNDArray> gradients, List<NDArray> losses) {}

    Replica(
            PretrainingModel model,
            Optimizer.Settings optimizer,
            DecayGroups decay,
            long seed,
            Device device,
            Kernels choice,
            DeviceReads reads,
            StepClock clock) {
        this.model = model;
        this.seed = seed;
        this.clock = clock;
        manager = Devices.engine().newBaseManager(device);
        JniUtils.setGradMode(false);
        parameters = new TrainedParameters(model.networks(), manager, optimizer, decay, model.untrained());
        crossEntropy = new CrossEntropy(manager, reads, choice.withoutWaiting());
        kernels = new KernelSet(manager, choice.kernels());
        inferenceKernels = KernelSet.withoutDropout(manager, choice.kernels().forEvaluation());
        dropout = new StepDropout(seed, kernels);
        upload = choice.withoutWaiting() ? Upload.staged(manager) : Upload.to(manager);
    }

    /**
     * What a replica computes with.
     *
     * @param kernels of its training steps
     * @param withoutWaiting whether arrays are staged on their way to the device, and the loss takes the form that
     *     never looks at a value
     */
    record Kernels(KernelSet.Choice kernels, boolean withoutWaiting) {
        /** The best for a device. */
        static Kernels of(Device device, Precision precision) {
            return new Kernels(KernelSet.Choice.of(device, precision), device.isGpu());
        }
    }

    NDManager manager() {
        return manager;
    }

    PretrainingModel model() {
        return model;
    }

    TrainedParameters parameters() {
        return parameters;
    }

    Upload upload() {
        return upload;
    }

    /**
     * Begins a step's share.
     *
     * @param scope owner of the result, on this replica's device
     * @param step which step, for the dropout draws
     * @param firstRow of the share within the step's batch
     * @param longest lengths of the longest micro-batch of the step
     * @param weights the weight of each term's gradients beside the first term's
     */
    Share share(NDManager scope, long step, int firstRow, BatchLengths longest, List<Double> weights) {
        return new Share(scope, step, firstRow, longest, weights);
    }

    /** Forward and backward over a replica's micro-batches of one step, one after the other. */
    final class Share {
        private final NDManager scope;
        private final long step;
        private final BatchLengths longest;
        private final StepPass pass;
        private final DeviceSums sums;
        private int row;

        private Share(NDManager scope, long step, int firstRow, BatchLengths longest, List<Double> weights) {
            this.scope = scope;
            this.step = step;
            this.longest = longest;
            row = firstRow;
            pass = parameters.stepPass(scope, kernels, crossEntropy, clock);
            sums = new DeviceSums(scope, weights);
        }

        /** Gives the device the next micro-batch to do. */
        @SuppressWarnings("try") // the collector is only opened and closed: autograd records in between
        void add(Batch batch) {
            try (NDManager micro = scope.newSubManager()) {
                clock.enter(StepClock.Part.DROPOUT_MASKS);
                dropout.draw(pass, micro, sites(batch, longest), step, row, batch.rows());
                int first = row;
                pass.setDraws((purpose, ofMicro) -> CounterHash.key(seed, purpose, step, first + (long) ofMicro));
                DeviceBatch inputs = new DeviceBatch(upload, micro, batch);
                try (GradientCollector collector = Devices.engine().newGradientCollector()) {
                    model.forwardBackward(pass, inputs, sums);
                }
                row += batch.rows();
            }
        }

        /** Gradients and losses of all of them. */
        Sums sums() {
            return new Sums(parameters.gradients(pass), sums.losses);
        }
    }

    private List<DropoutSite> sites(Batch batch, BatchLengths longest) {
        return model.networks().values().stream()
                .flatMap(network -> network.dropoutSites(BatchLengths.of(batch), longest).stream())
                .toList();
    }

    /** The sums of a step, which stay on the device. */
    private final class DeviceSums implements LossSums {
        private final List<NDArray> losses = new ArrayList<>();
        private final List<NDArray> scales = new ArrayList<>();

        DeviceSums(NDManager scope, List<Double> weights) {
            for (int term = 0; term < weights.size(); term++) {
                losses.add(scope.zeros(new Shape(), DataType.FLOAT64));
                scales.add(
                        term == 0
                                ? null
                                : upload.floats(
                                        scope, new float[] {weights.get(term).floatValue()}, new Shape(1)));
            }
        }

        @Override
        public void add(int term, NDArray loss) {
            losses.get(term).addi(loss);
        }

        @Override
        public NDArray weighted(int term, NDArray gradient) {
            return scales.get(term) == null ? gradient : gradient.mul(scales.get(term));
        }
    }

    /** Losses and accuracy over held-out batches in float32, see {@link Learner#evaluate}. */
    ScoreSums evaluate(Iterable<Batch> batches) {
        ScoreSums sums = new ScoreSums(model.terms().size());
        ForwardPass pass = inferencePass();
        for (Batch batch : batches) {
            try (NDManager scope = manager.newSubManager()) {
                model.score(pass, crossEntropy, new DeviceBatch(upload, scope, batch), sums);
            }
        }
        return sums;
    }

    /** A pass without dropout and gradient, on the weights as they are, in float32. */
    ForwardPass inferencePass() {
        return parameters.inferencePass(inferenceKernels);
    }

    @Override
    public void close() {
        kernels.close();
        inferenceKernels.close();
        upload.close();
        crossEntropy.close();
        parameters.close();
        manager.close();
    }
}
