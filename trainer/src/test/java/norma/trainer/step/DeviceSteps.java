package norma.trainer.step;

import ai.djl.Device;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.trainer.bert.BertConfig;
import norma.trainer.blocks.KernelSet;
import norma.trainer.model.Precision;
import norma.trainer.optimizer.AdamW;
import norma.trainer.safetensors.HostTensor;

/** Learners and batches for tests of the step as a device takes it. */
final class DeviceSteps {
    private DeviceSteps() {}

    static final int VOCABULARY = 61;
    static final int HIDDEN = 24;

    static PretrainingLearner learner(double dropout, int replicas, Replica.Kernels kernels) {
        return learner(dropout, true, replicas, kernels);
    }

    static PretrainingLearner learner(double dropout, boolean nextSentence, int replicas, Replica.Kernels kernels) {
        BertConfig config =
                new BertConfig(VOCABULARY, HIDDEN, 2, 3, 48, "gelu", dropout, dropout, 16, 2, 1e-12, 0.02, 0, null);
        return Learners.of(
                config,
                new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1),
                Learners.objective(nextSentence),
                7,
                Collections.nCopies(replicas, Device.cpu()),
                kernels);
    }

    static Replica.Kernels fused(Precision precision) {
        return new Replica.Kernels(new KernelSet.Choice(KernelSet.Way.FUSED, precision), true);
    }

    static Replica.Kernels host(Precision precision) {
        return new Replica.Kernels(new KernelSet.Choice(KernelSet.Way.HOST, precision), false);
    }

    static Replica.Kernels byOperators() {
        return Replica.Kernels.of(Device.cpu(), Precision.FLOAT32);
    }

    static Batch batch(long seed) {
        return SyntheticBatches.batch(8, 12, VOCABULARY, seed);
    }

    static List<Batch> cut(Batch batch, int parts) {
        int rows = batch.rows() / parts;
        return IntStream.range(0, parts)
                .mapToObj(i -> SyntheticBatches.rows(batch, i * rows, (i + 1) * rows))
                .toList();
    }

    static double distance(Map<String, HostTensor> a, Map<String, HostTensor> b) {
        double sum = 0;
        for (String name : a.keySet()) {
            for (int i = 0; i < a.get(name).values().length; i++) {
                sum += Math.pow(a.get(name).values()[i] - (double) b.get(name).values()[i], 2);
            }
        }
        return Math.sqrt(sum);
    }

    static double norm(Map<String, HostTensor> a) {
        double sum = 0;
        for (HostTensor tensor : a.values()) {
            for (float value : tensor.values()) {
                sum += (double) value * value;
            }
        }
        return Math.sqrt(sum);
    }
}
