package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.random.CounterHash;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.TaskKind;
import norma.trainer.bert.BertConfig;
import norma.trainer.blocks.KernelSet;
import norma.trainer.device.Devices;
import norma.trainer.model.Precision;
import norma.trainer.optimizer.AdamW;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("engine")
class ClassificationLearnerTest {
    private static final int VOCABULARY = 37;
    private static final TaskKind TWO_LABELS = new TaskKind.MultiLabel(List.of("a", "b"));
    private static final TaskKind THREE_CLASSES = new TaskKind.Classification(List.of("a", "b", "c"));

    private static ClassificationLearner learner(TaskKind kind, double dropout) {
        return learner(kind, dropout, Replica.Kernels.of(Device.cpu(), Precision.FLOAT32));
    }

    private static ClassificationLearner learner(TaskKind kind, double dropout, Replica.Kernels kernels) {
        BertConfig config =
                new BertConfig(VOCABULARY, 12, 2, 3, 20, "gelu", dropout, dropout, 16, 2, 1e-12, 0.2, 0, null);
        return Learners.classifier(config, kind, new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1), 7, kernels);
    }

    /** As on a GPU. */
    private static Replica.Kernels fused(Precision precision) {
        return new Replica.Kernels(new KernelSet.Choice(KernelSet.Way.FUSED, precision), true);
    }

    private static List<LabelledBatch> cutBatch(TaskKind kind) {
        return List.of(batch(kind, 12, 5, 12, 3), batch(kind, 12, 9));
    }

    @Test
    void fusedSteps_areThoseOfTheOperators_inFloat32_andBf16FollowsThem() {
        for (TaskKind kind : List.of(THREE_CLASSES, TWO_LABELS, new TaskKind.Regression())) {
            try (ClassificationLearner operators = learner(kind, 0);
                    ClassificationLearner exact = learner(kind, 0, fused(Precision.FLOAT32));
                    ClassificationLearner rounded = learner(kind, 0, fused(Precision.BF16))) {
                for (int step = 0; step < 8; step++) {
                    var a = Learners.outcome(operators, step, cutBatch(kind), 1e-3);
                    var b = Learners.outcome(exact, step, cutBatch(kind), 1e-3);
                    var c = Learners.outcome(rounded, step, cutBatch(kind), 1e-3);
                    assertThat(b.loss()).isCloseTo(a.loss(), within(2e-5));
                    assertThat(b.gradientNorm()).isCloseTo(a.gradientNorm(), within(2e-4));
                    assertThat(c.loss()).isCloseTo(a.loss(), within(0.02)).isNotEqualTo(b.loss());
                }
                float[] expected = operators.logits(batch(kind, 12, 7, 12));
                float[] logits = exact.logits(batch(kind, 12, 7, 12));
                for (int i = 0; i < logits.length; i++) {
                    assertThat(logits[i]).isCloseTo(expected[i], within(1e-4f));
                }
            }
        }
    }

    @Test
    void aStepReadsNothing_whateverItsMicroBatches_andALookOnceForLossesAndOnceForLayerNorms() {
        try (ClassificationLearner learner = learner(THREE_CLASSES, 0.1, fused(Precision.BF16));
                ClassificationLearner looking = learner(THREE_CLASSES, 0.1, fused(Precision.BF16))) {
            List<ClassificationLearner.Outcome> expected = new ArrayList<>();
            List<float[]> layerNorms = new ArrayList<>();
            for (int step = 0; step < 7; step++) {
                expected.add(Learners.outcome(looking, step, cutBatch(THREE_CLASSES), 1e-3));
                layerNorms.add(looking.layerNorms());
            }
            for (int step = 0; step < 7; step++) {
                learner.step(step, cutBatch(THREE_CLASSES), 1e-3);
                learner.keepLayerNorms();
            }
            assertThat(learner.reads().count()).isZero();
            assertThat(learner.outcomes()).isEqualTo(expected);
            assertThat(learner.reads().count()).isEqualTo(1);
            List<float[]> kept = learner.takeLayerNorms();
            assertThat(learner.reads().count()).isEqualTo(2);
            assertThat(kept).hasSize(7);
            for (int step = 0; step < 7; step++) {
                assertThat(kept.get(step)).containsExactly(layerNorms.get(step));
            }
            assertThat(learner.outcomes()).isEmpty();
        }
    }

    @Test
    void fusedDropout_isAFunctionOfSeedStepAndRow_andALogitDropsNothing() {
        try (ClassificationLearner one = learner(THREE_CLASSES, 0.3, fused(Precision.FLOAT32));
                ClassificationLearner other = learner(THREE_CLASSES, 0.3, fused(Precision.FLOAT32));
                ClassificationLearner without = learner(THREE_CLASSES, 0, fused(Precision.FLOAT32))) {
            double sum = 0;
            for (int step = 0; step < 40; step++) {
                Devices.engine().setRandomSeed(step * 31); // whatever was drawn before
                var a = Learners.outcome(one, step, cutBatch(THREE_CLASSES), 0);
                Devices.engine().setRandomSeed(5);
                assertThat(Learners.outcome(other, step, cutBatch(THREE_CLASSES), 0))
                        .isEqualTo(a);
                sum += a.loss();
            }
            double expected =
                    Learners.outcome(without, 0, cutBatch(THREE_CLASSES), 0).loss();
            assertThat(sum / 40).isCloseTo(expected, within(0.1)).isNotEqualTo(expected);
            LabelledBatch batch = batch(THREE_CLASSES, 12, 7, 12);
            assertThat(one.logits(batch)).containsExactly(without.logits(batch));
        }
    }

    @Test
    void aStepThatIsNotFinite_changesNothing_andItsOutcomeSaysSo_afterLaterOnesToo() {
        try (ClassificationLearner learner = learner(THREE_CLASSES, 0, fused(Precision.FLOAT32))) {
            Map<String, HostTensor> good = Learners.copied(learner.weights());
            Map<String, HostTensor> bad = Learners.copied(learner.weights());
            bad.get("classifier.bias").values()[0] = Float.NaN;
            learner.load(bad);
            learner.step(0, cutBatch(THREE_CLASSES), 1e-3);
            learner.load(good);
            learner.step(1, cutBatch(THREE_CLASSES), 0);
            List<ClassificationLearner.Outcome> outcomes = learner.outcomes();
            assertThat(outcomes.get(0).loss()).isNaN();
            assertThat(outcomes.get(1).loss()).isFinite();
            Map<String, HostTensor> after = learner.weights();
            good.forEach((name, tensor) ->
                    assertThat(after.get(name).values()).as(name).containsExactly(tensor.values()));
        }
    }

    /** Rows of the given lengths, padded to a common one; a row's tokens do not depend on the others. */
    private static LabelledBatch batch(TaskKind kind, int padded, int... lengths) {
        int rows = lengths.length;
        int[] ids = new int[rows * padded];
        int[] types = new int[ids.length];
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < lengths[row]; i++) {
                ids[row * padded + i] = 1 + CounterHash.below(lengths[row], i, VOCABULARY - 1);
                types[row * padded + i] = i > lengths[row] / 2 ? 1 : 0;
            }
        }
        Batch inputs = new Batch(rows, padded, ids, types, lengths, new int[0], new int[0], null);
        boolean classes = kind instanceof TaskKind.Classification;
        int[] labels =
                classes ? Arrays.stream(lengths).map(n -> n % kind.outputs()).toArray() : new int[0];
        float[] targets = new float[classes ? 0 : rows * kind.outputs()];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = (lengths[i / kind.outputs()] + i % kind.outputs()) % 2;
        }
        return new LabelledBatch(
                inputs, labels, targets, IntStream.range(0, rows).toArray());
    }

    @Test
    void anExampleAlone_hasTheLogitsThatItHasInAPaddedBatch_andTheLossIsTheMean() {
        int[] lengths = {5, 12, 3, 9};
        for (TaskKind kind : List.of(THREE_CLASSES, TWO_LABELS, new TaskKind.Regression())) {
            try (ClassificationLearner learner = learner(kind, 0)) {
                LabelledBatch padded = batch(kind, 14, lengths);
                float[] together = learner.logits(padded);
                double alone = 0;
                for (int row = 0; row < lengths.length; row++) {
                    LabelledBatch single = batch(kind, lengths[row], lengths[row]);
                    float[] one = learner.logits(single);
                    alone += kind.loss(BatchExamples.of(single, kind), one);
                    for (int k = 0; k < kind.outputs(); k++) {
                        assertThat(one[k]).isCloseTo(together[row * kind.outputs() + k], within(1e-5f));
                    }
                }
                assertThat(kind.loss(BatchExamples.of(padded, kind), together))
                        .isCloseTo(alone / lengths.length, within(1e-5 / lengths.length));
                assertThat(Learners.outcome(learner, 0, List.of(batch(kind, 14, lengths)), 0)
                                .loss())
                        .isCloseTo(alone / lengths.length, within(1e-5));
            }
        }
    }

    @Test
    void binaryCrossEntropy_andTheGradientOfTheBias_followTheFormula() {
        try (ClassificationLearner learner = learner(TWO_LABELS, 0)) {
            LabelledBatch batch = batch(TWO_LABELS, 6, 6, 5, 4);
            float[] logits = learner.logits(batch);
            double loss = 0;
            double[] bias = new double[2];
            for (int i = 0; i < logits.length; i++) {
                double p = 1 / (1 + Math.exp(-logits[i]));
                double target = batch.targets()[i];
                loss -= (target * Math.log(p) + (1 - target) * Math.log(1 - p)) / logits.length;
                bias[i % 2] += (p - target) / logits.length;
            }
            float[] gradient =
                    learner.gradients(0, List.of(batch)).get("classifier.bias").values();
            assertThat(Learners.outcome(learner, 0, List.of(batch), 0).loss()).isCloseTo(loss, within(1e-6));
            assertThat((double) gradient[0]).isCloseTo(bias[0], within(1e-6)).isNotZero();
            assertThat((double) gradient[1]).isCloseTo(bias[1], within(1e-6)).isNotZero();
        }
    }

    @Test
    void oneBatchOf4_equalsMicroBatches_withDropout() {
        try (ClassificationLearner whole = learner(THREE_CLASSES, 0.1);
                ClassificationLearner cut = learner(THREE_CLASSES, 0.1)) {
            LabelledBatch batch = batch(THREE_CLASSES, 12, 5, 12, 3, 9);
            List<LabelledBatch> micro = List.of(batch(THREE_CLASSES, 12, 5, 12, 3), batch(THREE_CLASSES, 12, 9));
            var a = Learners.outcome(whole, 3, List.of(batch), 1e-3);
            var b = Learners.outcome(cut, 3, micro, 1e-3);
            assertThat(b.loss()).isCloseTo(a.loss(), within(1e-6));
            assertThat(b.gradientNorm()).isCloseTo(a.gradientNorm(), within(1e-5));
            assertThat(a.loss())
                    .isNotCloseTo(Learners.outcome(whole, 4, List.of(batch), 0).loss(), within(1e-9));
        }
    }

    @ParameterizedTest
    @EnumSource
    void restoring_continuesBitForBit(KernelSet.Way way) {
        Precision precision = way == KernelSet.Way.OPERATORS ? Precision.FLOAT32 : Precision.BF16;
        Replica.Kernels kernels = new Replica.Kernels(new KernelSet.Choice(way, precision), way == KernelSet.Way.FUSED);
        try (ClassificationLearner uninterrupted = learner(THREE_CLASSES, 0.1, kernels);
                ClassificationLearner resumed = learner(THREE_CLASSES, 0.1, kernels)) {
            List<LabelledBatch> batch = List.of(batch(THREE_CLASSES, 12, 5, 12, 3, 9));
            Learners.outcome(uninterrupted, 0, batch, 1e-3);
            Learners.outcome(uninterrupted, 1, batch, 1e-3);
            resumed.restore(uninterrupted.weights(), uninterrupted.optimizerState(), uninterrupted.updates());
            assertThat(Learners.outcome(resumed, 2, batch, 1e-3))
                    .isEqualTo(Learners.outcome(uninterrupted, 2, batch, 1e-3));
            Map<String, HostTensor> expected = uninterrupted.weights();
            resumed.weights().forEach((name, tensor) -> assertThat(tensor.values())
                    .as(name)
                    .containsExactly(expected.get(name).values()));
        }
    }

    @Test
    void theNumberOfLiveArrays_staysTheSame() {
        try (ClassificationLearner learner = learner(TWO_LABELS, 0.1)) {
            int after10 = 0;
            for (int step = 0; step < 50; step++) {
                Learners.outcome(learner, step, List.of(batch(TWO_LABELS, 4 + step % 9, 4, 3)), 1e-3);
                learner.logits(batch(TWO_LABELS, 8, 8, 3));
                if (step == 9) {
                    after10 = learner.manager().getManagedArrays().size();
                    assertThat(after10).isPositive();
                }
            }
            assertThat(learner.manager().getManagedArrays()).hasSize(after10);
        }
    }
}
