package norma.trainer.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import norma.trainer.bench.ScalingBenchmark.Axis;
import norma.trainer.bench.ScalingBenchmark.Growth;
import norma.trainer.bench.ScalingBenchmark.Point;
import norma.trainer.bert.BertConfig;
import norma.trainer.config.MicroBatchSize;
import norma.trainer.config.TrainingConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class ScalingBenchmarkTest {
    private static final BertConfig TINY =
            new BertConfig(8192, 128, 2, 2, 512, null, null, null, null, null, null, null, null, null);
    private static final StepSize BASE = StepSize.of(TINY, training(32), 1);

    @Test
    void eachAxis_growsOneThing() {
        StepSize rows = Axis.TOKENS_PER_STEP.grow(BASE, 4);
        assertThat(rows).isEqualTo(new StepSize(TINY, 128, 128, 1));
        assertThat(Axis.TOKENS_PER_STEP.value(rows, 128)).isEqualTo(128 * 128);

        StepSize wide = Axis.HIDDEN_SIZE.grow(BASE, 4);
        assertThat(wide.model())
                .isEqualTo(new BertConfig(8192, 512, 2, 8, 2048, null, null, null, null, null, null, null, null, null));
        assertThat(wide.model().hiddenSize() / wide.model().numAttentionHeads())
                .isEqualTo(TINY.hiddenSize() / TINY.numAttentionHeads());
        assertThat(Axis.HIDDEN_SIZE.value(wide, 128)).isEqualTo(512);

        StepSize deep = Axis.NUM_HIDDEN_LAYERS.grow(BASE, 4);
        assertThat(deep.model())
                .isEqualTo(new BertConfig(8192, 128, 8, 2, 512, null, null, null, null, null, null, null, null, null));
        assertThat(Axis.NUM_HIDDEN_LAYERS.value(deep, 128)).isEqualTo(8);

        StepSize words = Axis.VOCAB_SIZE.grow(BASE, 4);
        assertThat(words.model()).isEqualTo(TINY.withVocabSize(32768));
        assertThat(Axis.VOCAB_SIZE.value(words, 128)).isEqualTo(32768);

        for (Axis axis : Axis.values()) {
            assertThat(axis.grow(BASE, 1)).as(axis.name()).isEqualTo(BASE);
        }
    }

    @Test
    void aBatchInParts_keepsTheirSize() {
        StepSize inParts = StepSize.of(TINY, training(8), 1);

        assertThat(inParts.withMoreRows(8)).isEqualTo(new StepSize(TINY, 256, 8, 1));
        assertThat(StepSize.of(TINY, training(8), 4).withMoreRows(8)).isEqualTo(new StepSize(TINY, 256, 64, 4));
    }

    /** Seconds that grow with the square root first and linearly last; operations with the square. */
    @Test
    void theLastExponent_isThatOfTheLastTwoPoints() {
        Growth growth = Growth.of(
                Axis.HIDDEN_SIZE,
                List.of(point(1, 1e9, 1), point(4, 16e9, 2), point(16, 256e9, 4), point(64, 4096e9, 16)));

        assertThat(growth.lastTimeExponent()).isCloseTo(1, within(1e-12));
        assertThat(growth.time().exponent()).isCloseTo(0.65, within(1e-12)); // log2: 0 2 4 6 on 0 1 2 4: 13 / 20
        assertThat(growth.flops().exponent()).isCloseTo(2, within(1e-12));
        assertThat(growth.lastFlopsExponent()).isCloseTo(2, within(1e-12));
    }

    private static TrainingConfig training(int microBatchSize) {
        return new TrainingConfig(10L, 32, new MicroBatchSize(microBatchSize), null, null, null);
    }

    private static Point point(long value, double flops, double median) {
        return new Point(value, flops, new Spread(median / 2, median, median * 5));
    }
}
