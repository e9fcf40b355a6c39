package norma.datasets.pretraining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import norma.datasets.batches.Batch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Losses without context, by hand. */
@Tag("unit")
class TokenFrequenciesTest {
    private static final int MASK = 1;

    /** Tokens 2, 3 and 4 occur 3 times, once and never: as shares, each once more, 4/7, 2/7 and 1/7. */
    private static final TokenFrequencies FREQUENCIES = new TokenFrequencies(new long[] {-1, -1, 3, 1, 0});

    private static ContextFreeLosses losses(int maskId, int[] ids, int[] positions, int[] labels) {
        Batch batch =
                new Batch(1, ids.length, ids, new int[ids.length], new int[] {ids.length}, positions, labels, null);
        return FREQUENCIES.losses(List.of(batch), maskId);
    }

    @Test
    void theUnigramLoss_isTheCrossEntropyOfTheLabelsUnderTheTrainingText() {
        ContextFreeLosses losses = losses(MASK, new int[] {MASK, MASK, MASK}, new int[] {0, 1, 2}, new int[] {2, 2, 4});
        assertThat(losses.unigram()).isCloseTo(-(2 * Math.log(4 / 7.0) + Math.log(1 / 7.0)) / 3, within(1e-12));
        assertThat(losses.contextFree())
                .as("where all is hidden, nothing more is known")
                .isEqualTo(losses.unigram());
    }

    @Test
    void theEntropy_isThatOfTheLabelsThemselves_whichNoConstantPredictionGoesBelow() {
        ContextFreeLosses losses = losses(MASK, new int[] {MASK, MASK, MASK}, new int[] {0, 1, 2}, new int[] {2, 2, 4});
        assertThat(losses.entropy())
                .isCloseTo(-(2 / 3.0 * Math.log(2 / 3.0) + 1 / 3.0 * Math.log(1 / 3.0)), within(1e-12))
                .isLessThan(losses.unigram());
    }

    @Test
    void whatAPositionShows_hasStayedOrIsDrawnAtRandom_withEqualOdds() {
        // Shown 2: 4/7 · (1 + 1/3) / (4/7 + 1/3) = 16/19 that it stayed so. Shown 3: 2 is it with 4/13, 3 with 8/13, 4
        // with 1/13.
        assertThat(losses(MASK, new int[] {2}, new int[] {0}, new int[] {2}).contextFree())
                .isCloseTo(-Math.log(16 / 19.0), within(1e-12));
        for (int[] odds : new int[][] {{2, 4}, {3, 8}, {4, 1}}) {
            assertThat(losses(MASK, new int[] {3}, new int[] {0}, new int[] {odds[0]})
                            .contextFree())
                    .isCloseTo(-Math.log(odds[1] / 13.0), within(1e-12));
        }
    }

    @Test
    void whereNothingIsMasked_thereIsNoLossOfThePositionItself() {
        ContextFreeLosses losses = losses(-1, new int[] {2, 3}, new int[] {0}, new int[] {3});
        assertThat(losses.contextFree()).isNaN();
        assertThat(losses.unigram()).isCloseTo(-Math.log(2 / 7.0), within(1e-12));
    }
}
