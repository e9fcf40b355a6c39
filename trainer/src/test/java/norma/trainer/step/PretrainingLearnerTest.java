package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import norma.datasets.batches.Batch;
import norma.trainer.architectures.Architectures;
import norma.trainer.bert.BertConfig;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("engine")
class PretrainingLearnerTest {
    private static final int VOCABULARY = 37;

    private static PretrainingLearner learner(double dropout, boolean nextSentence, DecayGroups decay) {
        BertConfig config =
                new BertConfig(VOCABULARY, 12, 2, 3, 20, "gelu", dropout, dropout, 16, 2, 1e-12, 0.02, 0, null);
        return PretrainingLearner.create(
                () -> Architectures.of(config).pretraining(config, Learners.objective(nextSentence), 7),
                new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1),
                decay,
                7,
                List.of(Device.cpu()),
                Precision.FLOAT32,
                StepClock.OFF);
    }

    private static PretrainingLearner learner(double dropout, boolean nextSentence) {
        return learner(dropout, nextSentence, new DecayGroups(false, false));
    }

    private static Batch batch(long step) {
        return SyntheticBatches.batch(8, 9, VOCABULARY, step);
    }

    @Test
    void oneBatchOf8_equalsFourMicroBatchesOf2_withDropout() {
        try (PretrainingLearner whole = learner(0.1, true);
                PretrainingLearner cut = learner(0.1, true)) {
            for (int step = 0; step < 3; step++) {
                Batch batch = batch(step);
                List<Batch> micro = new ArrayList<>();
                for (int row = 0; row < 8; row += 2) {
                    micro.add(SyntheticBatches.rows(batch, row, row + 2));
                }
                assertThat(micro.get(0).predictedPositions()).hasSize(3);
                assertThat(micro.stream()
                                .mapToInt(b -> b.predictedPositions().length)
                                .sum())
                        .isEqualTo(batch.predictedPositions().length);
                Learner.Outcome a = whole.step(step, List.of(batch), 1e-3).outcome();
                Learner.Outcome b = cut.step(step, micro, 1e-3).outcome();
                assertThat(b.loss()).isCloseTo(a.loss(), within(1e-6));
                assertThat(b.gradientNorm()).isCloseTo(a.gradientNorm(), within(1e-5));
            }
            Map<String, HostTensor> expected = Learners.weights(whole);
            Learners.weights(cut).forEach((name, tensor) -> {
                if (!name.endsWith(
                        "key.bias")) { // its gradient is 0 but for rounding, and Adam makes steps of rounding
                    assertThat(mean(tensor.values(), expected.get(name).values()))
                            .as(name)
                            .isLessThan(1e-6);
                }
            });
        }
    }

    @Test
    void microBatchesOfDifferentLengths_dropWhatTheWholeBatchDrops() {
        try (PretrainingLearner whole = learner(0.3, true);
                PretrainingLearner cut = learner(0.3, true)) {
            Batch batch = SyntheticBatches.padded(batch(0), 5, 5, 3, 5, 9, 4, 9, 7);
            List<Batch> micro = List.of(
                    SyntheticBatches.trimmed(SyntheticBatches.rows(batch, 0, 4)),
                    SyntheticBatches.trimmed(SyntheticBatches.rows(batch, 4, 8)));
            assertThat(micro).extracting(Batch::length).containsExactly(5, 9);
            Learner.Outcome a = whole.step(2, List.of(batch), 0).outcome();
            Learner.Outcome b = cut.step(2, micro, 0).outcome();
            assertThat(b.predictions()).isEqualTo(a.predictions());
            assertThat(b.loss()).isCloseTo(a.loss(), within(1e-5));
            assertThat(b.gradientNorm()).isCloseTo(a.gradientNorm(), within(1e-4));
        }
    }

    @Test
    void theSameSeed_givesTheSameBytes() {
        try (PretrainingLearner first = learner(0.1, true);
                PretrainingLearner second = learner(0.1, true)) {
            for (int step = 0; step < 4; step++) {
                assertThat(first.step(step, List.of(batch(step)), 1e-3).outcome())
                        .isEqualTo(second.step(step, List.of(batch(step)), 1e-3).outcome());
            }
            assertSame(Learners.weights(first), Learners.weights(second));
        }
    }

    @Test
    void restoring_continuesBitForBit() {
        try (PretrainingLearner uninterrupted = learner(0.1, false);
                PretrainingLearner resumed = learner(0.1, false)) {
            for (int step = 0; step < 3; step++) {
                uninterrupted.step(step, List.of(batch(step)), 1e-3);
            }
            resumed.restore(uninterrupted.tensors(), 3);
            for (int step = 3; step < 6; step++) {
                assertThat(resumed.step(step, List.of(batch(step)), 1e-3).outcome())
                        .isEqualTo(uninterrupted
                                .step(step, List.of(batch(step)), 1e-3)
                                .outcome());
            }
            assertSame(Learners.weights(resumed), Learners.weights(uninterrupted));
            assertSame(Learners.optimizerState(resumed), Learners.optimizerState(uninterrupted));
        }
    }

    @Test
    void theLayerNormSnapshot_isTheWeightsInSiteOrder() {
        try (PretrainingLearner learner = learner(0.1, true)) {
            learner.step(0, List.of(batch(0)), 1e-2);
            float[] snapshot = learner.layerNorms();
            Map<String, HostTensor> weights = Learners.weights(learner);
            List<LayerNormSite> sites = learner.layerNormSites();
            int h = sites.get(0).width();
            assertThat(sites.stream().map(LayerNormSite::name))
                    .containsExactly(
                            "embeddings",
                            "layer.0.attention.output",
                            "layer.0.output",
                            "layer.1.attention.output",
                            "layer.1.output",
                            "head");
            assertThat(snapshot).hasSize(sites.size() * 2 * h);
            for (int i = 0; i < sites.size(); i++) {
                assertThat(Arrays.copyOfRange(snapshot, 2 * i * h, (2 * i + 1) * h))
                        .containsExactly(
                                weights.get(sites.get(i).weight().parameter()).values());
                assertThat(Arrays.copyOfRange(snapshot, (2 * i + 1) * h, (2 * i + 2) * h))
                        .containsExactly(
                                weights.get(sites.get(i).bias().parameter()).values());
            }
        }
    }

    @Test
    void theNumberOfLiveArrays_isTheSameAfterStep50AsAfterStep10() {
        try (PretrainingLearner learner = learner(0.1, true)) {
            int after10 = 0;
            for (int step = 0; step < 50; step++) {
                learner.step(step, List.of(batch(step)), 1e-3);
                learner.evaluate(List.of(batch(1000)));
                learner.layerNorms();
                if (step == 9) {
                    after10 = learner.manager().getManagedArrays().size();
                    assertThat(after10).isPositive();
                }
            }
            assertThat(learner.manager().getManagedArrays()).hasSize(after10);
        }
    }

    @Test
    void restoring_leavesNoArrayBehind() {
        try (PretrainingLearner learner = learner(0.1, true)) {
            learner.step(0, List.of(batch(0)), 1e-3);
            Map<String, HostTensor> weights = Learners.weights(learner);
            Map<String, HostTensor> moments = Learners.optimizerState(learner);
            int before = learner.manager().getManagedArrays().size();
            assertThat(before).isPositive();
            learner.restore(Map.of(PretrainingModel.MAIN, new NetworkTensors(weights, moments)), 1);
            assertThat(learner.manager().getManagedArrays()).hasSize(before);
            assertSame(Learners.weights(learner), weights);
        }
    }

    @Test
    void layerNormDecays_onlyWhenAsked() {
        try (PretrainingLearner without = learner(0, false);
                PretrainingLearner with = learner(0, false, new DecayGroups(true, false))) {
            without.step(0, List.of(batch(0)), 1e-2);
            with.step(0, List.of(batch(0)), 1e-2);
            float a = Learners.weights(without)
                    .get("bert.encoder.layer.0.output.LayerNorm.weight")
                    .values()[0];
            float b = Learners.weights(with)
                    .get("bert.encoder.layer.0.output.LayerNorm.weight")
                    .values()[0];
            assertThat(a - b).isCloseTo(1e-2f * 0.01f, within(1e-6f));
            assertThat(Learners.weights(with).get("cls.predictions.bias").values())
                    .containsExactly(Learners.weights(without)
                            .get("cls.predictions.bias")
                            .values());
        }
    }

    @Test
    void withoutNextSentence_itsHeadStaysAsItWas() {
        try (PretrainingLearner learner = learner(0, false)) {
            float[] before =
                    Learners.weights(learner).get("bert.pooler.dense.weight").values();
            Learner.Outcome outcome = learner.step(0, List.of(batch(0)), 1e-2).outcome();
            assertThat(outcome.terms()).hasSize(1);
            assertThat(Learners.weights(learner).get("bert.pooler.dense.weight").values())
                    .containsExactly(before);
            assertThat(Learners.optimizerState(learner)).doesNotContainKey("exp_avg.bert.pooler.dense.weight");
        }
    }

    @Test
    void aBatchWithNothingToPredict_updatesFromTheNextSentencesAlone() {
        try (PretrainingLearner learner = learner(0, true)) {
            Batch batch = SyntheticBatches.predictingBefore(batch(0), 0);
            Map<String, HostTensor> before = Learners.weights(learner);
            Map<String, HostTensor> both = learner.gradients(0, List.of(batch(0)));
            Map<String, HostTensor> gradients = learner.gradients(0, List.of(batch));
            assertThat(gradients.keySet()).isEqualTo(both.keySet());
            String relation = "cls.seq_relationship.weight";
            assertThat(mean(gradients.get(relation).values(), both.get(relation).values()))
                    .isLessThan(1e-7);
            assertThat(gradients
                            .get("bert.encoder.layer.0.output.LayerNorm.weight")
                            .values())
                    .doesNotContain(0f);
            assertThat(gradients.get("cls.predictions.transform.dense.weight").values())
                    .containsOnly(0f);

            Learner.Outcome outcome = learner.step(0, List.of(batch), 1e-2).outcome();
            assertThat(outcome.predictions()).isZero();
            assertThat(outcome.loss()).isEqualTo(outcome.terms().get(1)).isPositive();
            assertThat(outcome.terms().get(0)).isNaN();
            assertThat(outcome.total()).isNaN();
            assertThat(outcome.finite()).isTrue();
            assertThat(outcome.gradientNorm()).isPositive();
            assertThat(learner.updates()).isEqualTo(1);
            Map<String, HostTensor> after = Learners.weights(learner);
            assertThat(after.get(relation).values())
                    .isNotEqualTo(before.get(relation).values());
            String bias = "cls.predictions.bias";
            assertThat(after.get(bias).values())
                    .containsExactly(before.get(bias).values());
        }
    }

    @Test
    void aStepWithNothingToPredict_hasNoLossAndNoNorm_andIsNotCalledDiverged() {
        try (PretrainingLearner learner = learner(0, false)) {
            Map<String, HostTensor> before = Learners.weights(learner);
            Batch batch = SyntheticBatches.predictingBefore(batch(0), 0);
            Learner.Outcome outcome = learner.step(0, List.of(batch), 1e-2).outcome();
            assertThat(outcome.loss()).isNaN();
            assertThat(outcome.total()).isNaN();
            assertThat(outcome.terms()).containsExactly(Double.NaN);
            assertThat(outcome.gradientNorm()).isNaN();
            assertThat(outcome.finite()).isTrue();
            assertThat(outcome.skippedUpdates()).isZero();
            assertSame(Learners.weights(learner), before);
        }
    }

    @Test
    void anExplodedModel_reportsIt_andKeepsItsWeights() {
        try (PretrainingLearner learner = learner(0, false)) {
            Map<String, HostTensor> weights = Learners.weights(learner);
            weights.get("bert.embeddings.LayerNorm.weight").values()[0] = Float.NaN;
            learner.load(weights);
            Learner.Outcome outcome = learner.step(0, List.of(batch(0)), 1e-2).outcome();
            assertThat(outcome.loss()).isNaN();
            assertThat(outcome.finite()).isFalse();
            assertSame(Learners.weights(learner), weights);
        }
    }

    @Test
    void freshWeights_areTruncatedNormal_andLayerNormIsOneAndZero() {
        try (PretrainingLearner learner = learner(0, false)) {
            float[] table = Learners.weights(learner)
                    .get("bert.embeddings.word_embeddings.weight")
                    .values();
            double sd = Math.sqrt(java.util.stream.IntStream.range(0, table.length)
                    .mapToDouble(i -> (double) table[i] * table[i])
                    .average()
                    .orElseThrow());
            for (float x : table) {
                assertThat(Math.abs(x)).isLessThanOrEqualTo(0.04f);
            }
            assertThat(sd).isCloseTo(0.02 * 0.8796, within(0.0015)); // sd of a normal cut at two sd: 0.8796
            assertThat(Learners.weights(learner)
                            .get("bert.embeddings.LayerNorm.weight")
                            .values())
                    .containsOnly(1f);
            assertThat(Learners.weights(learner)
                            .get("bert.embeddings.LayerNorm.bias")
                            .values())
                    .containsOnly(0f);
        }
    }

    private static void assertSame(Map<String, HostTensor> actual, Map<String, HostTensor> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet()).isNotEmpty();
        actual.forEach((name, tensor) -> assertThat(tensor.values())
                .as(name)
                .containsExactly(expected.get(name).values()));
    }

    private static double mean(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs((double) a[i] - b[i]);
        }
        return sum / a.length;
    }
}
