package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.List;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.CausalLm;
import norma.datasets.objectives.Objective;
import norma.datasets.objectives.ReplacedTokens;
import norma.trainer.blocks.HeadLosses;
import norma.trainer.electra.ElectraConfig;
import norma.trainer.gpt2.Gpt2Config;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.optimizer.AdamW;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A head over a large vocabulary reads a batch in parts; the same batch one row at a time, whose predictions are one
 * part each, has the same losses and gradients.
 */
@Tag("engine")
class LogitPartsTest {
    private static final int VOCABULARY = 1 << 20;
    private static final int ROWS = 20;

    private static void requireTheSame(ModelConfig config, Objective objective) {
        Batch batch = SyntheticBatches.batch(ROWS, 12, VOCABULARY, 3);
        List<Batch> rows = DeviceSteps.cut(batch, ROWS);
        int most = HeadLosses.mostRows(VOCABULARY, false);
        assertThat(batch.predictedPositions()).hasSizeGreaterThan(2 * most);
        assertThat(rows).allMatch(row -> row.predictedPositions().length <= most);
        try (PretrainingLearner whole = learner(config, objective);
                PretrainingLearner cut = learner(config, objective)) {
            Learner.Outcome expected = cut.step(0, rows, 0).outcome();
            Learner.Outcome actual = whole.step(0, List.of(batch), 0).outcome();
            assertThat(actual.loss()).isCloseTo(expected.loss(), within(1e-6 * expected.loss()));
            assertThat(actual.gradientNorm())
                    .isCloseTo(expected.gradientNorm(), within(1e-5 * expected.gradientNorm()));
            double distance = DeviceSteps.distance(Learners.optimizerState(whole), Learners.optimizerState(cut));
            assertThat(distance).isLessThan(1e-5 * DeviceSteps.norm(Learners.optimizerState(cut)));
            assertThat(whole.evaluate(List.of(batch)).loss())
                    .isCloseTo(cut.evaluate(rows).loss(), within(1e-6 * expected.loss()));
        }
    }

    private static PretrainingLearner learner(ModelConfig config, Objective objective) {
        return Learners.of(
                config,
                new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1),
                objective,
                7,
                List.of(Device.cpu()),
                Replica.Kernels.of(Device.cpu(), Precision.FLOAT32));
    }

    @Test
    void gpt2_inParts_isTheSameAsInRows() {
        requireTheSame(
                new Gpt2Config(VOCABULARY, 16, 8, 1, 2, 16, "gelu_new", 0.1, 0.1, 0.1, 1e-5, 0.02, null, null, null),
                new CausalLm());
    }

    /** Whose discriminator sees what was drawn part by part. */
    @Test
    void electra_inParts_isTheSameAsInRows() {
        requireTheSame(
                new ElectraConfig(VOCABULARY, 4, 8, 1, 2, 16, "gelu", 0.1, 0.1, 16, 2, 1e-12, 0.02, 0, 0.5, 50.0),
                ReplacedTokens.STANDARD);
    }
}
