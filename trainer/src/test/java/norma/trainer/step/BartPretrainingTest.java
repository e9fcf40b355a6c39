package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.batches.Target;
import norma.datasets.objectives.Denoising;
import norma.datasets.random.CounterHash;
import norma.trainer.bart.BartConfig;
import norma.trainer.blocks.KernelSet;
import norma.trainer.model.Precision;
import norma.trainer.optimizer.AdamW;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps of a model whose sources and targets have lengths of their own, with dropout. */
@Tag("engine")
class BartPretrainingTest {
    private static final int VOCABULARY = 40;
    private static final AdamW.Hyperparameters ADAM = new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1.0);

    private static BartConfig config(double dropout, double activationDropout) {
        return new BartConfig(
                VOCABULARY,
                32,
                16,
                2,
                1,
                2,
                4,
                24,
                20,
                null,
                dropout,
                dropout,
                activationDropout,
                null,
                0.3,
                0,
                1,
                2,
                null);
    }

    /** Rows of 5 to 9 source tokens and 7 to 12 target tokens, padded to the longest of the batch. */
    private static Batch batch(int rows, int from) {
        int[] lengths =
                IntStream.range(from, from + rows).map(i -> 5 + 3 * i % 5).toArray();
        int[] said = IntStream.range(from, from + rows).map(i -> 7 + 5 * i % 6).toArray();
        int s = IntStream.of(lengths).max().orElseThrow();
        int t = IntStream.of(said).max().orElseThrow();
        int[] ids = new int[rows * s];
        int[] read = new int[rows * t];
        Arrays.fill(ids, 1);
        Arrays.fill(read, 1);
        int[] positions = new int[IntStream.of(said).sum()];
        int[] labels = new int[positions.length];
        int at = 0;
        for (int row = 0; row < rows; row++) {
            long key = CounterHash.key(3, "ids", from + row);
            for (int i = 0; i < lengths[row]; i++) {
                ids[row * s + i] = 3 + CounterHash.below(key, i, VOCABULARY - 3);
            }
            for (int i = 0; i < said[row]; i++) {
                read[row * t + i] = 3 + CounterHash.below(key, 100 + i, VOCABULARY - 3);
                positions[at] = row * t + i;
                labels[at++] = 3 + CounterHash.below(key, 101 + i, VOCABULARY - 3);
            }
        }
        return new Batch(rows, s, ids, new int[ids.length], lengths, positions, labels, null)
                .with(new Target(t, read, said));
    }

    private static PretrainingLearner learner(BartConfig config, int replicas, KernelSet.Way way) {
        Replica.Kernels kernels = new Replica.Kernels(new KernelSet.Choice(way, Precision.FLOAT32), false);
        return Learners.of(config, ADAM, Denoising.STANDARD, 1, Collections.nCopies(replicas, Device.cpu()), kernels);
    }

    /** Each micro-batch is cut to its own longest source and target, and has its rows' masks all the same. */
    @ParameterizedTest
    @EnumSource(names = {"OPERATORS", "HOST"})
    void microBatches_giveTheGradientsOfTheWholeBatch_dropoutIncluded(KernelSet.Way way) {
        List<Batch> rows = IntStream.range(0, 4).mapToObj(row -> batch(1, row)).toList();
        assertThat(rows.stream().map(Batch::length).distinct()).hasSizeGreaterThan(2);
        assertThat(rows.stream().map(Batch::predictedLength).distinct()).hasSizeGreaterThan(2);
        try (PretrainingLearner whole = learner(config(0.2, 0.1), 1, way);
                PretrainingLearner apart = learner(config(0.2, 0.1), 2, way)) {
            Map<String, HostTensor> expected = whole.gradients(5, List.of(batch(4, 0)));
            Map<String, HostTensor> found = apart.gradients(5, rows);
            assertThat(found.keySet()).isEqualTo(expected.keySet());
            double largest = 0;
            for (String name : expected.keySet()) {
                float[] a = expected.get(name).values();
                float[] b = found.get(name).values();
                for (int i = 0; i < a.length; i++) {
                    assertThat(b[i]).as(name).isCloseTo(a[i], within(2e-6f));
                    largest = Math.max(largest, Math.abs(a[i]));
                }
            }
            assertThat(largest).isGreaterThan(1e-3);
            Map<String, HostTensor> another = whole.gradients(6, List.of(batch(4, 0)));
            assertThat(another.get("model.shared.weight").values())
                    .as("another step drops others")
                    .isNotEqualTo(expected.get("model.shared.weight").values());
        }
    }

    @Test
    void dropoutOfTheActivation_isOneMoreDropout_andNoneInAnEvaluation() {
        try (PretrainingLearner with = learner(config(0, 0.5), 1, KernelSet.Way.OPERATORS);
                PretrainingLearner without = learner(config(0, 0), 1, KernelSet.Way.OPERATORS)) {
            List<Batch> batches = List.of(batch(3, 0));
            double loss = without.evaluate(batches).terms().get(0).loss();
            assertThat(with.evaluate(batches).terms().get(0).loss()).isCloseTo(loss, within(1e-6));
            double dropped = with.step(0, batches, 0).outcome().loss();
            assertThat(without.step(0, batches, 0).outcome().loss()).isCloseTo(loss, within(1e-6));
            assertThat(Math.abs(dropped - loss)).isGreaterThan(1e-3);
        }
    }

    /** final_logits_bias is stored and stays as it was. */
    @Test
    void theBiasOfTheLogits_isNotTrained() {
        try (PretrainingLearner learner = learner(config(0, 0), 1, KernelSet.Way.OPERATORS)) {
            Map<String, HostTensor> weights = Learners.weights(learner);
            float[] bias = new float[VOCABULARY];
            for (int i = 0; i < VOCABULARY; i++) {
                bias[i] = i * 0.01f;
            }
            weights.put("final_logits_bias", new HostTensor(new long[] {1, VOCABULARY}, bias));
            learner.load(weights);
            float[] words = weights.get("model.shared.weight").values().clone();
            learner.step(0, List.of(batch(3, 0)), 0.01);
            assertThat(Learners.weights(learner).get("final_logits_bias").values())
                    .containsExactly(bias);
            assertThat(Learners.weights(learner).get("model.shared.weight").values())
                    .isNotEqualTo(words);
            assertThat(learner.gradients(1, List.of(batch(3, 0)))).doesNotContainKey("final_logits_bias");
        }
    }
}
