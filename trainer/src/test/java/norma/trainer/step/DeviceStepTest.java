package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import norma.trainer.blocks.CrossEntropy;
import norma.trainer.blocks.KernelSet;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Devices;
import norma.trainer.model.Losses;
import norma.trainer.model.Precision;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The step as a GPU takes it, on a CPU: nothing is read in it, and what it did is told at a look. */
@Tag("engine")
class DeviceStepTest {
    @ParameterizedTest
    @EnumSource(names = {"FUSED", "HOST"})
    void restoring_continuesBitForBit_withDropout_bf16_andReplicas(KernelSet.Way way) {
        Replica.Kernels kernels = new Replica.Kernels(new KernelSet.Choice(way, Precision.BF16), false);
        try (PretrainingLearner uninterrupted = DeviceSteps.learner(0.1, 2, kernels);
                PretrainingLearner resumed = DeviceSteps.learner(0.1, 2, kernels)) {
            for (int step = 0; step < 3; step++) {
                uninterrupted.step(step, DeviceSteps.cut(DeviceSteps.batch(step), 2), 1e-3);
            }
            resumed.restore(uninterrupted.tensors(), 3);
            for (int step = 3; step < 6; step++) {
                Learner.Outcome expected = uninterrupted
                        .step(step, DeviceSteps.cut(DeviceSteps.batch(step), 2), 1e-3)
                        .outcome();
                assertThat(resumed.step(step, DeviceSteps.cut(DeviceSteps.batch(step), 2), 1e-3)
                                .outcome())
                        .isEqualTo(expected);
            }
            Map<String, HostTensor> expected = Learners.weights(uninterrupted);
            Learners.weights(resumed).forEach((name, tensor) -> assertThat(tensor.values())
                    .as(name)
                    .containsExactly(expected.get(name).values()));
        }
    }

    @Test
    void aStepReadsNothing_andALookOnceForTheLossAndOnceForTheLayerNorms() {
        try (PretrainingLearner learner = DeviceSteps.learner(0.1, 1, DeviceSteps.fused(Precision.BF16))) {
            long before = learner.reads().count();
            Learner.StepResult result = null;
            for (int step = 0; step < 10; step++) {
                result = learner.step(step, List.of(DeviceSteps.batch(step)), 1e-3);
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
        try (PretrainingLearner learner = DeviceSteps.learner(0, 1, DeviceSteps.byOperators());
                PretrainingLearner same = DeviceSteps.learner(0, 1, DeviceSteps.byOperators())) {
            List<float[]> expected = new ArrayList<>();
            for (int step = 0; step < 3; step++) {
                learner.step(step, List.of(DeviceSteps.batch(step)), 1e-2);
                learner.keepLayerNorms();
                same.step(step, List.of(DeviceSteps.batch(step)), 1e-2);
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
        try (PretrainingLearner learner = DeviceSteps.learner(0, 1, DeviceSteps.fused(Precision.FLOAT32))) {
            learner.step(0, List.of(DeviceSteps.batch(0)), 1e-3);
            Map<String, HostTensor> good = Learners.weights(learner);
            Map<String, HostTensor> bad = Learners.weights(learner);
            bad.get("cls.predictions.bias").values()[3] = Float.POSITIVE_INFINITY;
            learner.load(bad);
            learner.step(1, List.of(DeviceSteps.batch(1)), 1e-3);
            learner.load(good);
            Learner.Outcome later =
                    learner.step(2, List.of(DeviceSteps.batch(2)), 0).outcome();
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
        try (PretrainingLearner learner = DeviceSteps.learner(0.1, 2, DeviceSteps.fused(Precision.BF16))) {
            int after10 = 0;
            for (int step = 0; step < 30; step++) {
                Learner.StepResult result = learner.step(step, DeviceSteps.cut(DeviceSteps.batch(step), 2), 1e-3);
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
}
