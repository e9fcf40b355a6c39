package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.trainer.architectures.Architectures;
import norma.trainer.bert.BertConfig;
import norma.trainer.blocks.CrossEntropy;
import norma.trainer.blocks.KernelSet;
import norma.trainer.device.DeviceBatch;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Devices;
import norma.trainer.model.Losses;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The step as a GPU takes it, on a CPU: fused functions, bf16, deferred looks, replicas. */
@Tag("engine")
class DeviceStepTest {
    private static final int VOCABULARY = 61;
    private static final int HIDDEN = 24;

    private static PretrainingLearner learner(double dropout, int replicas, Replica.Kernels kernels) {
        return learner(dropout, true, replicas, kernels);
    }

    private static PretrainingLearner learner(
            double dropout, boolean nextSentence, int replicas, Replica.Kernels kernels) {
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

    private static Replica.Kernels fused(Precision precision) {
        return new Replica.Kernels(new KernelSet.Choice(KernelSet.Way.FUSED, precision), true);
    }

    private static Replica.Kernels host(Precision precision) {
        return new Replica.Kernels(new KernelSet.Choice(KernelSet.Way.HOST, precision), false);
    }

    private static Replica.Kernels byOperators() {
        return Replica.Kernels.of(Device.cpu(), Precision.FLOAT32);
    }

    private static Batch batch(long seed) {
        return SyntheticBatches.batch(8, 12, VOCABULARY, seed);
    }

    private static List<Batch> cut(Batch batch, int parts) {
        int rows = batch.rows() / parts;
        return IntStream.range(0, parts)
                .mapToObj(i -> SyntheticBatches.rows(batch, i * rows, (i + 1) * rows))
                .toList();
    }

    @ParameterizedTest
    @EnumSource(names = {"FUSED", "HOST"})
    void bf16_followsFloat32_withinItsEightBits_andIsNotTheSame(KernelSet.Way way) {
        try (PretrainingLearner exact = learner(0, 1, byOperators());
                PretrainingLearner rounded =
                        learner(0, 1, new Replica.Kernels(new KernelSet.Choice(way, Precision.BF16), false))) {
            Map<String, HostTensor> expected = exact.gradients(0, List.of(batch(0)));
            Map<String, HostTensor> gradients = rounded.gradients(0, List.of(batch(0)));
            double error = distance(gradients, expected) / norm(expected);
            assertThat(error).isBetween(1e-5, 0.02); // 2^-9 = 0.002 at each of a dozen roundings
            double first = 0;
            double last = 0;
            for (int step = 0; step < 30; step++) {
                double a = exact.step(step, List.of(batch(0)), 3e-3).outcome().loss();
                double b = rounded.step(step, List.of(batch(0)), 3e-3).outcome().loss();
                assertThat(b).as("loss of step " + step).isCloseTo(a, within(0.02 * a));
                first = step == 0 ? b : first;
                last = b;
            }
            assertThat(last).isLessThan(0.6 * first);
        }
    }

    /** Dropout of a half makes a mask that is lost or in another's place plain. */
    @Test
    void hostKernels_dropWhatTheOperatorsDrop_inFloat32AndInBf16() {
        try (PretrainingLearner operators = learner(0.5, 1, byOperators());
                PretrainingLearner exact = learner(0.5, 1, host(Precision.FLOAT32));
                PretrainingLearner rounded = learner(0.5, 1, host(Precision.BF16))) {
            int[] lengths = {12, 7, 3, 12, 9, 12, 5, 11};
            for (Batch batch : List.of(batch(0), SyntheticBatches.padded(batch(1), lengths))) {
                Map<String, HostTensor> expected = operators.gradients(3, List.of(batch));
                assertThat(distance(exact.gradients(3, List.of(batch)), expected) / norm(expected))
                        .isLessThan(1e-5);
                assertThat(distance(exact.gradients(4, List.of(batch)), expected) / norm(expected))
                        .isGreaterThan(0.1);
                assertThat(distance(rounded.gradients(3, List.of(batch)), expected) / norm(expected))
                        .isBetween(1e-5, 0.02);
            }
        }
    }

    @Test
    void hostKernels_cutABatchAnyway_withTheSameMasks() {
        try (PretrainingLearner one = learner(0.5, 1, host(Precision.BF16))) {
            Map<String, HostTensor> expected = one.gradients(3, List.of(batch(0)));
            assertThat(distance(one.gradients(3, cut(batch(0), 4)), expected) / norm(expected))
                    .isLessThan(0.01);
        }
    }

    @Test
    void masterWeights_keepWhatBf16WouldLose() {
        try (PretrainingLearner learner = learner(0, 1, fused(Precision.BF16))) {
            learner.step(0, List.of(batch(0)), 1e-5);
            float weight = Learners.weights(learner)
                    .get("bert.encoder.layer.0.output.LayerNorm.weight")
                    .values()[0];
            assertThat(weight).isNotEqualTo(1f).isCloseTo(1f, within(2e-5f)); // bf16's next number is 1.0078
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BF16"})
    void fusedDropout_isAFunctionOfSeedStepAndRow_andKeepsTheMean(Precision precision) {
        try (PretrainingLearner one = learner(0.3, 1, fused(precision));
                PretrainingLearner other = learner(0.3, 1, fused(precision));
                PretrainingLearner without = learner(0, 1, fused(precision))) {
            double sum = 0;
            for (int step = 0; step < 40; step++) {
                Devices.engine().setRandomSeed(step * 31); // whatever was drawn before
                Learner.Outcome a = one.step(step, List.of(batch(0)), 0).outcome();
                Devices.engine().setRandomSeed(5);
                assertThat(other.step(step, List.of(batch(0)), 0).outcome()).isEqualTo(a);
                sum += a.loss();
            }
            double expected = without.step(0, List.of(batch(0)), 0).outcome().loss();
            assertThat(sum / 40).isCloseTo(expected, within(0.02)).isNotEqualTo(expected);
            assertThat(one.step(1, List.of(batch(0)), 0).outcome().loss())
                    .isNotEqualTo(one.step(2, List.of(batch(0)), 0).outcome().loss());
        }
    }

    @Test
    void twoReplicasOf16Sequences_equalOneOf32_withDropout_andStayAlikeToTheBit() {
        try (PretrainingLearner one = learner(0.1, 1, byOperators());
                PretrainingLearner two = learner(0.1, 2, byOperators())) {
            for (int step = 0; step < 5; step++) {
                Batch batch = SyntheticBatches.batch(32, 12, VOCABULARY, step);
                Learner.Outcome a = one.step(step, List.of(batch), 1e-3).outcome();
                Learner.Outcome b = two.step(step, cut(batch, 2), 1e-3).outcome();
                assertThat(b.loss()).isCloseTo(a.loss(), within(1e-6));
                assertThat(b.gradientNorm()).isCloseTo(a.gradientNorm(), within(1e-5));
                assertThat(b.predictions()).isEqualTo(a.predictions());
            }
            Map<String, HostTensor> expected = Learners.weights(one);
            Map<String, HostTensor> weights = Learners.weights(two); // which compares the replicas
            weights.keySet().removeIf(name -> name.endsWith("key.bias")); // gradient 0 but for rounding
            weights.forEach((name, tensor) -> {
                float[] theirs = expected.get(name).values();
                for (int i = 0; i < theirs.length; i++) {
                    assertThat(tensor.values()[i]).as(name).isCloseTo(theirs[i], within(2e-4f));
                }
            });
            assertThat(distance(weights, expected) / norm(expected)).isLessThan(1e-5);
        }
    }

    /** A device takes about a thousand launches before it makes the thread wait that launches for the others too. */
    @Test
    void replicas_areGivenAMicroBatchInTurn() {
        List<String> order = new ArrayList<>();
        BertConfig config = new BertConfig(VOCABULARY, HIDDEN, 1, 3, 48, "gelu", 0.0, 0.0, 16, 2, 1e-12, 0.02, 0, null);
        AtomicInteger made = new AtomicInteger();
        try (PretrainingLearner three = PretrainingLearner.create(
                () -> telling(
                        Architectures.of(config).pretraining(config, Learners.objective(false), 7),
                        "replica " + made.getAndIncrement(),
                        order),
                new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1),
                new DecayGroups(false, false),
                7,
                Collections.nCopies(3, Device.cpu()),
                fused(Precision.FLOAT32),
                StepClock.OFF)) {
            List<Batch> microBatches = cut(SyntheticBatches.batch(12, 12, VOCABULARY, 0), 6);
            three.step(0, microBatches, 1e-3);
            assertThat(order)
                    .containsExactly(
                            "replica 0: " + firstToken(microBatches.get(0)),
                            "replica 1: " + firstToken(microBatches.get(2)),
                            "replica 2: " + firstToken(microBatches.get(4)),
                            "replica 0: " + firstToken(microBatches.get(1)),
                            "replica 1: " + firstToken(microBatches.get(3)),
                            "replica 2: " + firstToken(microBatches.get(5)));
        }
    }

    private static String firstToken(Batch batch) {
        return Arrays.toString(Arrays.copyOf(batch.inputIds(), 4));
    }

    /** The same model, which tells of each micro-batch. */
    private static PretrainingModel telling(PretrainingModel model, String name, List<String> order) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.getName().equals("forwardBackward")) {
                order.add(name + ": " + firstToken(((DeviceBatch) arguments[1]).host()));
            }
            return method.invoke(model, arguments);
        };
        return (PretrainingModel) Proxy.newProxyInstance(
                DeviceStepTest.class.getClassLoader(), new Class<?>[] {PretrainingModel.class}, handler);
    }

    @Test
    void aStepThatIsNotFinite_isSkippedByEveryReplica() {
        try (PretrainingLearner one = learner(0, 1, byOperators());
                PretrainingLearner two = learner(0, 2, byOperators())) {
            for (PretrainingLearner learner : List.of(one, two)) {
                Map<String, HostTensor> good = Learners.weights(learner);
                Map<String, HostTensor> bad = Learners.weights(learner);
                bad.get("cls.predictions.bias").values()[3] = Float.NaN;
                learner.load(bad);
                learner.step(0, cut(batch(0), 2), 1e-2);
                learner.load(good);
            }
            for (int step = 1; step < 4; step++) {
                Learner.Outcome a = one.step(step, cut(batch(step), 2), 1e-2).outcome();
                Learner.Outcome b = two.step(step, cut(batch(step), 2), 1e-2).outcome();
                assertThat(b.loss()).isCloseTo(a.loss(), within(1e-4)); // a wrong bias correction would show
                assertThat(b.skippedUpdates()).isEqualTo(1);
            }
            assertThat(Learners.weights(two)).isNotEmpty(); // which compares the replicas
        }
    }

    @Test
    void aReplicaWithNothingToPredict_addsNothingToTheOther() {
        for (boolean nextSentence : List.of(false, true)) {
            for (Replica.Kernels kernels : List.of(byOperators(), fused(Precision.FLOAT32))) {
                try (PretrainingLearner one = learner(0, nextSentence, 1, kernels);
                        PretrainingLearner two = learner(0, nextSentence, 2, kernels)) {
                    Batch batch = SyntheticBatches.predictingBefore(batch(0), 4 * 12);
                    assertThat(cut(batch, 2).get(0).predictedPositions()).hasSize(8);
                    assertThat(cut(batch, 2).get(1).predictedPositions()).isEmpty();
                    Map<String, HostTensor> expected = one.gradients(0, List.of(batch));
                    assertThat(distance(two.gradients(0, cut(batch, 2)), expected) / norm(expected))
                            .isLessThan(1e-5);
                    Learner.Outcome a = one.step(0, List.of(batch), 1e-3).outcome();
                    Learner.Outcome b = two.step(0, cut(batch, 2), 1e-3).outcome();
                    assertThat(b.loss()).isCloseTo(a.loss(), within(1e-6));
                    assertThat(b.gradientNorm()).isCloseTo(a.gradientNorm(), within(1e-5));
                    assertThat(Learners.weights(two))
                            .hasSameSizeAs(Learners.weights(one)); // which compares the replicas
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FUSED", "HOST"})
    void restoring_continuesBitForBit_withDropout_bf16_andReplicas(KernelSet.Way way) {
        Replica.Kernels kernels = new Replica.Kernels(new KernelSet.Choice(way, Precision.BF16), false);
        try (PretrainingLearner uninterrupted = learner(0.1, 2, kernels);
                PretrainingLearner resumed = learner(0.1, 2, kernels)) {
            for (int step = 0; step < 3; step++) {
                uninterrupted.step(step, cut(batch(step), 2), 1e-3);
            }
            resumed.restore(uninterrupted.tensors(), 3);
            for (int step = 3; step < 6; step++) {
                Learner.Outcome expected =
                        uninterrupted.step(step, cut(batch(step), 2), 1e-3).outcome();
                assertThat(resumed.step(step, cut(batch(step), 2), 1e-3).outcome())
                        .isEqualTo(expected);
            }
            Map<String, HostTensor> expected = Learners.weights(uninterrupted);
            Learners.weights(resumed).forEach((name, tensor) -> assertThat(tensor.values())
                    .as(name)
                    .containsExactly(expected.get(name).values()));
        }
    }

    @Test
    void aReplicaThatWentAstray_isNoticedBeforeItsWeightsAreKept() {
        try (PretrainingLearner two = learner(0, 2, byOperators())) {
            two.step(0, cut(batch(0), 2), 1e-3);
            HostTensor table = Learners.weights(two).get("bert.embeddings.LayerNorm.weight");
            table.values()[0] += 1e-6f;
            two.replicas().get(1).parameters().write("bert.embeddings.LayerNorm.weight", table.values());
            assertThatThrownBy(two::tensors)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("replicas");
        }
    }

    @Test
    void aStepReadsNothing_andALookOnceForTheLossAndOnceForTheLayerNorms() {
        try (PretrainingLearner learner = learner(0.1, 1, fused(Precision.BF16))) {
            long before = learner.reads().count();
            Learner.StepResult result = null;
            for (int step = 0; step < 10; step++) {
                result = learner.step(step, List.of(batch(step)), 1e-3);
                learner.keepLayerNorms();
            }
            assertThat(learner.reads().count() - before).isZero();
            assertThat(result.outcome().loss()).isPositive();
            assertThat(learner.takeLayerNorms()).hasSize(10);
            assertThat(learner.reads().count() - before).isEqualTo(2);
        }
    }

    @Test
    void keptLayerNorms_areThoseOfTheirSteps() {
        try (PretrainingLearner learner = learner(0, 1, byOperators());
                PretrainingLearner same = learner(0, 1, byOperators())) {
            List<float[]> expected = new ArrayList<>();
            for (int step = 0; step < 3; step++) {
                learner.step(step, List.of(batch(step)), 1e-2);
                learner.keepLayerNorms();
                same.step(step, List.of(batch(step)), 1e-2);
                expected.add(same.layerNorms());
            }
            List<float[]> kept = learner.takeLayerNorms();
            assertThat(kept).hasSize(3);
            for (int i = 0; i < 3; i++) {
                assertThat(kept.get(i)).containsExactly(expected.get(i));
            }
            assertThat(kept.get(0)).isNotEqualTo(kept.get(1));
            assertThat(learner.takeLayerNorms()).isEmpty();
        }
    }

    @Test
    void aStepThatIsNotFinite_changesNothing_andIsStillToldAfterLaterOnes() {
        try (PretrainingLearner learner = learner(0, 1, fused(Precision.FLOAT32))) {
            learner.step(0, List.of(batch(0)), 1e-3);
            Map<String, HostTensor> good = Learners.weights(learner);
            Map<String, HostTensor> bad = Learners.weights(learner);
            bad.get("cls.predictions.bias").values()[3] = Float.POSITIVE_INFINITY;
            learner.load(bad);
            learner.step(1, List.of(batch(1)), 1e-3);
            learner.load(good);
            Learner.Outcome later = learner.step(2, List.of(batch(2)), 0).outcome();
            assertThat(later.loss()).isFinite();
            assertThat(later.skippedUpdates()).isEqualTo(1);
        }
    }

    @Test
    void theLossWithoutWaiting_isExact_alsoWhereAProbabilityUnderflows() {
        try (NDManager manager = Devices.engine().newBaseManager(Device.cpu());
                CrossEntropy looking = new CrossEntropy(manager, new DeviceReads(), false);
                CrossEntropy deferred = new CrossEntropy(manager, new DeviceReads(), true)) {
            NDArray logits = manager.create(new float[] {200, 0, -3, 1, 2, 4}, new Shape(2, 3));
            NDArray labels = manager.create(new long[] {2, 0}, new Shape(2));
            double second = Math.log(1 + Math.exp(1) + Math.exp(3));
            for (CrossEntropy form : List.of(looking, deferred)) {
                Losses.Gradient result = form.crossEntropy(logits, labels);
                assertThat(result.loss().getDouble()).isCloseTo(203 + second, within(1e-4));
                assertThat(result.gradient().toFloatArray()[2]).isEqualTo(-1f);
            }
        }
    }

    @Test
    void theNumberOfLiveArrays_staysTheSame() {
        try (PretrainingLearner learner = learner(0.1, 2, fused(Precision.BF16))) {
            int after10 = 0;
            for (int step = 0; step < 30; step++) {
                Learner.StepResult result = learner.step(step, cut(batch(step), 2), 1e-3);
                learner.keepLayerNorms();
                if (step % 5 == 4) {
                    result.outcome();
                    learner.takeLayerNorms();
                }
                after10 = step == 9 ? live(learner) : after10;
            }
            assertThat(after10).isPositive();
            assertThat(live(learner)).isEqualTo(after10);
        }
    }

    private static int live(PretrainingLearner learner) {
        return learner.replicas().stream()
                .mapToInt(replica -> replica.manager().getManagedArrays().size())
                .sum();
    }

    private static double distance(Map<String, HostTensor> a, Map<String, HostTensor> b) {
        double sum = 0;
        for (String name : a.keySet()) {
            for (int i = 0; i < a.get(name).values().length; i++) {
                sum += Math.pow(a.get(name).values()[i] - (double) b.get(name).values()[i], 2);
            }
        }
        return Math.sqrt(sum);
    }

    private static double norm(Map<String, HostTensor> a) {
        double sum = 0;
        for (HostTensor tensor : a.values()) {
            for (float value : tensor.values()) {
                sum += (double) value * value;
            }
        }
        return Math.sqrt(sum);
    }
}
