package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import norma.datasets.batches.Batch;
import norma.trainer.blocks.KernelSet;
import norma.trainer.device.Devices;
import norma.trainer.model.Precision;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps by each kind of kernel and in each precision: fused functions and those of the host, float32 and bf16. */
@Tag("engine")
class KernelStepTest {
    @ParameterizedTest
    @EnumSource(names = {"FUSED", "HOST"})
    void bf16_followsFloat32_withinItsEightBits_andIsNotTheSame(KernelSet.Way way) {
        try (PretrainingLearner exact = DeviceSteps.learner(0, 1, DeviceSteps.byOperators());
                PretrainingLearner rounded = DeviceSteps.learner(
                        0, 1, new Replica.Kernels(new KernelSet.Choice(way, Precision.BF16), false))) {
            Map<String, HostTensor> expected = exact.gradients(0, List.of(DeviceSteps.batch(0)));
            Map<String, HostTensor> gradients = rounded.gradients(0, List.of(DeviceSteps.batch(0)));
            double error = DeviceSteps.distance(gradients, expected) / DeviceSteps.norm(expected);
            assertThat(error).isBetween(1e-5, 0.02); // 2^-9 = 0.002 at each of a dozen roundings
            double first = 0;
            double last = 0;
            for (int step = 0; step < 30; step++) {
                double a = exact.step(step, List.of(DeviceSteps.batch(0)), 3e-3)
                        .outcome()
                        .loss();
                double b = rounded.step(step, List.of(DeviceSteps.batch(0)), 3e-3)
                        .outcome()
                        .loss();
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
        try (PretrainingLearner operators = DeviceSteps.learner(0.5, 1, DeviceSteps.byOperators());
                PretrainingLearner exact = DeviceSteps.learner(0.5, 1, DeviceSteps.host(Precision.FLOAT32));
                PretrainingLearner rounded = DeviceSteps.learner(0.5, 1, DeviceSteps.host(Precision.BF16))) {
            int[] lengths = {12, 7, 3, 12, 9, 12, 5, 11};
            for (Batch batch : List.of(DeviceSteps.batch(0), SyntheticBatches.padded(DeviceSteps.batch(1), lengths))) {
                Map<String, HostTensor> expected = operators.gradients(3, List.of(batch));
                assertThat(DeviceSteps.distance(exact.gradients(3, List.of(batch)), expected)
                                / DeviceSteps.norm(expected))
                        .isLessThan(1e-5);
                assertThat(DeviceSteps.distance(exact.gradients(4, List.of(batch)), expected)
                                / DeviceSteps.norm(expected))
                        .isGreaterThan(0.1);
                assertThat(DeviceSteps.distance(rounded.gradients(3, List.of(batch)), expected)
                                / DeviceSteps.norm(expected))
                        .isBetween(1e-5, 0.02);
            }
        }
    }

    @Test
    void hostKernels_cutABatchAnyway_withTheSameMasks() {
        try (PretrainingLearner one = DeviceSteps.learner(0.5, 1, DeviceSteps.host(Precision.BF16))) {
            Map<String, HostTensor> expected = one.gradients(3, List.of(DeviceSteps.batch(0)));
            assertThat(DeviceSteps.distance(one.gradients(3, DeviceSteps.cut(DeviceSteps.batch(0), 4)), expected)
                            / DeviceSteps.norm(expected))
                    .isLessThan(0.01);
        }
    }

    @Test
    void masterWeights_keepWhatBf16WouldLose() {
        try (PretrainingLearner learner = DeviceSteps.learner(0, 1, DeviceSteps.fused(Precision.BF16))) {
            learner.step(0, List.of(DeviceSteps.batch(0)), 1e-5);
            float weight = Learners.weights(learner)
                    .get("bert.encoder.layer.0.output.LayerNorm.weight")
                    .values()[0];
            assertThat(weight).isNotEqualTo(1f).isCloseTo(1f, within(2e-5f)); // bf16's next number is 1.0078
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BF16"})
    void fusedDropout_isAFunctionOfSeedStepAndRow_andKeepsTheMean(Precision precision) {
        try (PretrainingLearner one = DeviceSteps.learner(0.3, 1, DeviceSteps.fused(precision));
                PretrainingLearner other = DeviceSteps.learner(0.3, 1, DeviceSteps.fused(precision));
                PretrainingLearner without = DeviceSteps.learner(0, 1, DeviceSteps.fused(precision))) {
            double sum = 0;
            for (int step = 0; step < 40; step++) {
                Devices.engine().setRandomSeed(step * 31); // whatever was drawn before
                Learner.Outcome a =
                        one.step(step, List.of(DeviceSteps.batch(0)), 0).outcome();
                Devices.engine().setRandomSeed(5);
                assertThat(other.step(step, List.of(DeviceSteps.batch(0)), 0).outcome())
                        .isEqualTo(a);
                sum += a.loss();
            }
            double expected =
                    without.step(0, List.of(DeviceSteps.batch(0)), 0).outcome().loss();
            assertThat(sum / 40).isCloseTo(expected, within(0.02)).isNotEqualTo(expected);
            assertThat(one.step(1, List.of(DeviceSteps.batch(0)), 0).outcome().loss())
                    .isNotEqualTo(one.step(2, List.of(DeviceSteps.batch(0)), 0)
                            .outcome()
                            .loss());
        }
    }
}
