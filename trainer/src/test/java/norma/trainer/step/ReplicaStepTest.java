package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import norma.datasets.batches.Batch;
import norma.trainer.architectures.Architectures;
import norma.trainer.bert.BertConfig;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Steps of several replicas, on one CPU. */
@Tag("engine")
class ReplicaStepTest {
    @Test
    void twoReplicasOf16Sequences_equalOneOf32_withDropout_andStayAlikeToTheBit() {
        try (PretrainingLearner one = DeviceSteps.learner(0.1, 1, DeviceSteps.byOperators());
                PretrainingLearner two = DeviceSteps.learner(0.1, 2, DeviceSteps.byOperators())) {
            for (int step = 0; step < 5; step++) {
                Batch batch = SyntheticBatches.batch(32, 12, DeviceSteps.VOCABULARY, step);
                Learner.Outcome a = one.step(step, List.of(batch), 1e-3).outcome();
                Learner.Outcome b =
                        two.step(step, DeviceSteps.cut(batch, 2), 1e-3).outcome();
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
            assertThat(DeviceSteps.distance(weights, expected) / DeviceSteps.norm(expected))
                    .isLessThan(1e-5);
        }
    }

    /** A device takes about a thousand launches before it makes the thread wait that launches for the others too. */
    @Test
    void replicas_areGivenAMicroBatchInTurn() {
        List<String> order = new ArrayList<>();
        BertConfig config = new BertConfig(
                DeviceSteps.VOCABULARY, DeviceSteps.HIDDEN, 1, 3, 48, "gelu", 0.0, 0.0, 16, 2, 1e-12, 0.02, 0, null);
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
                DeviceSteps.fused(Precision.FLOAT32),
                StepClock.OFF)) {
            List<Batch> microBatches = DeviceSteps.cut(SyntheticBatches.batch(12, 12, DeviceSteps.VOCABULARY, 0), 6);
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
        try (PretrainingLearner one = DeviceSteps.learner(0, 1, DeviceSteps.byOperators());
                PretrainingLearner two = DeviceSteps.learner(0, 2, DeviceSteps.byOperators())) {
            for (PretrainingLearner learner : List.of(one, two)) {
                Map<String, HostTensor> good = Learners.weights(learner);
                Map<String, HostTensor> bad = Learners.weights(learner);
                bad.get("cls.predictions.bias").values()[3] = Float.NaN;
                learner.load(bad);
                learner.step(0, DeviceSteps.cut(DeviceSteps.batch(0), 2), 1e-2);
                learner.load(good);
            }
            for (int step = 1; step < 4; step++) {
                Learner.Outcome a = one.step(step, DeviceSteps.cut(DeviceSteps.batch(step), 2), 1e-2)
                        .outcome();
                Learner.Outcome b = two.step(step, DeviceSteps.cut(DeviceSteps.batch(step), 2), 1e-2)
                        .outcome();
                assertThat(b.loss()).isCloseTo(a.loss(), within(1e-4)); // a wrong bias correction would show
                assertThat(b.skippedUpdates()).isEqualTo(1);
            }
            assertThat(Learners.weights(two)).isNotEmpty(); // which compares the replicas
        }
    }

    @Test
    void aReplicaWithNothingToPredict_addsNothingToTheOther() {
        for (boolean nextSentence : List.of(false, true)) {
            for (Replica.Kernels kernels : List.of(DeviceSteps.byOperators(), DeviceSteps.fused(Precision.FLOAT32))) {
                try (PretrainingLearner one = DeviceSteps.learner(0, nextSentence, 1, kernels);
                        PretrainingLearner two = DeviceSteps.learner(0, nextSentence, 2, kernels)) {
                    Batch batch = SyntheticBatches.predictingBefore(DeviceSteps.batch(0), 4 * 12);
                    assertThat(DeviceSteps.cut(batch, 2).get(0).predictedPositions())
                            .hasSize(8);
                    assertThat(DeviceSteps.cut(batch, 2).get(1).predictedPositions())
                            .isEmpty();
                    Map<String, HostTensor> expected = one.gradients(0, List.of(batch));
                    assertThat(DeviceSteps.distance(two.gradients(0, DeviceSteps.cut(batch, 2)), expected)
                                    / DeviceSteps.norm(expected))
                            .isLessThan(1e-5);
                    Learner.Outcome a = one.step(0, List.of(batch), 1e-3).outcome();
                    Learner.Outcome b =
                            two.step(0, DeviceSteps.cut(batch, 2), 1e-3).outcome();
                    assertThat(b.loss()).isCloseTo(a.loss(), within(1e-6));
                    assertThat(b.gradientNorm()).isCloseTo(a.gradientNorm(), within(1e-5));
                    assertThat(Learners.weights(two))
                            .hasSameSizeAs(Learners.weights(one)); // which compares the replicas
                }
            }
        }
    }

    @Test
    void aReplicaThatWentAstray_isNoticedBeforeItsWeightsAreKept() {
        try (PretrainingLearner two = DeviceSteps.learner(0, 2, DeviceSteps.byOperators())) {
            two.step(0, DeviceSteps.cut(DeviceSteps.batch(0), 2), 1e-3);
            HostTensor table = Learners.weights(two).get("bert.embeddings.LayerNorm.weight");
            table.values()[0] += 1e-6f;
            two.replicas().get(1).parameters().write("bert.embeddings.LayerNorm.weight", table.values());
            assertThatThrownBy(two::tensors)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("replicas");
        }
    }
}
