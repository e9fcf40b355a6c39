package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.batches.HiddenTokens;
import norma.datasets.objectives.PermutationLm;
import norma.datasets.random.CounterHash;
import norma.trainer.blocks.KernelSet;
import norma.trainer.model.Precision;
import norma.trainer.optimizer.AdamW;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.xlnet.XlnetConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps of XLNet with dropout, which the reference has none of. */
@Tag("engine")
class XlnetPretrainingTest {
    private static final AdamW.Hyperparameters ADAM = new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1);
    private static final int VOCABULARY = 40;
    private static final Batch BATCH = batch();

    private static Batch batch() {
        int s = 12;
        Batch synthetic = SyntheticBatches.batch(4, s, VOCABULARY, 3);
        int[] positions =
                IntStream.range(0, 4 * s).filter(i -> i % 6 < 1 + i / s % 2).toArray();
        int[] order = new int[4 * s];
        Arrays.fill(order, HiddenTokens.InOrder.SHOWN);
        Arrays.stream(positions).forEach(i -> order[i] = CounterHash.below(5, i, 100));
        return new Batch(
                        4,
                        s,
                        synthetic.inputIds(),
                        IntStream.range(0, 4 * s)
                                .map(i -> i % s == s - 1 ? 2 : 0)
                                .toArray(),
                        synthetic.lengths(),
                        positions,
                        Arrays.stream(positions)
                                .map(i -> synthetic.inputIds()[i])
                                .toArray(),
                        null)
                .hiding(new HiddenTokens.InOrder(s, order));
    }

    private static PretrainingLearner learner(double dropout, Replica.Kernels kernels) {
        XlnetConfig config = new XlnetConfig(VOCABULARY, 16, 2, 2, 24, null, dropout, null, null, 0.2, null, 0);
        return Learners.of(config, ADAM, new PermutationLm(), 1, List.of(Device.cpu()), kernels);
    }

    private static Replica.Kernels operators() {
        return Replica.Kernels.of(Device.cpu(), Precision.FLOAT32);
    }

    private static Map<String, HostTensor> gradients(double dropout, long step, List<Batch> microBatches) {
        try (PretrainingLearner learner = learner(dropout, operators())) {
            return learner.gradients(step, microBatches);
        }
    }

    private static double difference(Map<String, HostTensor> ours, Map<String, HostTensor> theirs) {
        double largest = 0;
        for (String name : theirs.keySet()) {
            float[] a = ours.get(name).values();
            float[] b = theirs.get(name).values();
            for (int i = 0; i < b.length; i++) {
                largest = Math.max(largest, Math.abs(a[i] - b[i]));
            }
        }
        return largest;
    }

    @Test
    void dropout_isTheSameAtTheSameStep_inMicroBatchesToo_andAnotherAtAnother() {
        Map<String, HostTensor> whole = gradients(0.3, 4, List.of(BATCH));
        List<Batch> pieces = List.of(SyntheticBatches.rows(BATCH, 0, 1), SyntheticBatches.rows(BATCH, 1, 4));
        assertThat(difference(gradients(0.3, 4, List.of(BATCH)), whole)).isZero();
        assertThat(difference(gradients(0.3, 4, pieces), whole)).isLessThan(1e-5);
        assertThat(difference(gradients(0.3, 5, List.of(BATCH)), whole)).isGreaterThan(1e-3);
        assertThat(difference(gradients(0, 4, List.of(BATCH)), whole)).isGreaterThan(1e-3);
    }

    @ParameterizedTest
    @EnumSource(KernelSet.Way.class)
    void everyKindOfKernel_learnsABatchByHeart_withDropout(KernelSet.Way way) {
        Replica.Kernels kernels = way == KernelSet.Way.OPERATORS
                ? operators()
                : new Replica.Kernels(new KernelSet.Choice(way, Precision.FLOAT32), way == KernelSet.Way.FUSED);
        try (PretrainingLearner learner = learner(0.1, kernels)) {
            double first = learner.evaluate(List.of(BATCH)).terms().get(0).loss();
            for (int step = 0; step < 60; step++) {
                learner.step(step, List.of(BATCH), 1e-2);
            }
            double last = learner.evaluate(List.of(BATCH)).terms().get(0).loss();
            assertThat(last).isLessThan(first / 3);
        }
    }

    @ParameterizedTest
    @EnumSource(KernelSet.Way.class)
    void noArrayStaysBehind_ofStepsAndEvaluations(KernelSet.Way way) {
        Replica.Kernels kernels = way == KernelSet.Way.OPERATORS
                ? operators()
                : new Replica.Kernels(new KernelSet.Choice(way, Precision.FLOAT32), false);
        try (PretrainingLearner learner = learner(0.1, kernels)) {
            int after = 0;
            for (int step = 0; step < 10; step++) {
                learner.step(step, List.of(BATCH), 1e-2);
                learner.evaluate(List.of(BATCH));
                after = step == 2 ? learner.manager().getManagedArrays().size() : after;
            }
            assertThat(after).isPositive();
            assertThat(learner.manager().getManagedArrays()).hasSize(after);
        }
    }

    /** Masks that are at hand are the same for both. */
    @Test
    void functionsForACpu_dropWhatOperatorsDrop() {
        try (PretrainingLearner host =
                learner(0.3, new Replica.Kernels(new KernelSet.Choice(KernelSet.Way.HOST, Precision.FLOAT32), false))) {
            assertThat(difference(host.gradients(4, List.of(BATCH)), gradients(0.3, 4, List.of(BATCH))))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void inBf16_gradientsAreAboutTheSame() {
        try (PretrainingLearner low =
                learner(0, new Replica.Kernels(new KernelSet.Choice(KernelSet.Way.HOST, Precision.BF16), false))) {
            Map<String, HostTensor> ours = low.gradients(0, List.of(BATCH));
            double squares = 0;
            double norm = 0;
            for (Map.Entry<String, HostTensor> gradient :
                    gradients(0, 0, List.of(BATCH)).entrySet()) {
                float[] theirs = gradient.getValue().values();
                float[] values = ours.get(gradient.getKey()).values();
                for (int i = 0; i < theirs.length; i++) {
                    squares += Math.pow(values[i] - theirs[i], 2);
                    norm += Math.pow(theirs[i], 2);
                }
            }
            assertThat(Math.sqrt(squares / norm)).isCloseTo(0, within(0.03));
            assertThat(squares).isPositive();
        }
    }
}
