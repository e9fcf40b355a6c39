package norma.datasets.batches;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class ReplacementsTest {
    private static final int MASK = 4;

    /** Two rows of 4, the second with a token of padding; predicted: 7 and 8 in the first row, 9 in the second. */
    private static Batch masked() {
        return new Batch(
                2,
                4,
                new int[] {2, MASK, MASK, 3, 2, 6, MASK, 0},
                new int[8],
                new int[] {4, 3},
                new int[] {1, 2, 6},
                new int[] {7, 8, 9},
                null);
    }

    @Test
    void drawnTokensStandInTheMasks_andWhereOneIsTheOriginal_itIsNoReplacement() {
        Batch replaced = Replacements.of(masked(), new int[] {5, 8, 6});
        assertThat(replaced.inputIds()).containsExactly(2, 5, 8, 3, 2, 6, 6, 0);
        assertThat(replaced.predictedPositions()).as("all but padding").containsExactly(0, 1, 2, 3, 4, 5, 6);
        assertThat(replaced.predictedLabels()).containsExactly(0, 1, 0, 0, 0, 0, 1);
        assertThat(replaced.lengths()).containsExactly(4, 3);
        assertThat(masked().inputIds()).as("the masked batch").containsExactly(2, MASK, MASK, 3, 2, 6, MASK, 0);
    }

    @Test
    void withoutADraw_everyTokenIsTheOriginal() {
        Batch nothing = new Batch(1, 3, new int[] {2, 6, 3}, new int[3], new int[] {3}, new int[0], new int[0], null);
        Batch replaced = Replacements.of(nothing, new int[0]);
        assertThat(replaced.inputIds()).containsExactly(2, 6, 3);
        assertThat(replaced.predictedLabels()).containsExactly(0, 0, 0);
    }

    @Test
    void shares_areAFunctionOfTheRowsKeyAndThePositionInTheRow() {
        float[] shares = Replacements.shares(masked(), row -> row);
        assertThat(shares).hasSize(3).doesNotHaveDuplicates();
        for (float share : shares) {
            assertThat(share).isBetween(0f, Math.nextDown(1f));
        }
        assertThat(Replacements.shares(masked(), row -> row)).containsExactly(shares);
        float[] sameKey = Replacements.shares(masked(), row -> 0);
        assertThat(sameKey[1]).as("position 2 of row 0").isEqualTo(sameKey[2]).isEqualTo(shares[1]);
    }

    @Test
    void heldOutShares_followWhatARowShows_whereverItStands() {
        float[] together = Replacements.heldOutShares(masked());
        Batch second =
                new Batch(1, 3, new int[] {2, 6, MASK}, new int[3], new int[] {3}, new int[] {2}, new int[] {9}, null);
        assertThat(Replacements.heldOutShares(second)).containsExactly(together[2]);
        Batch other =
                new Batch(1, 3, new int[] {2, 5, MASK}, new int[3], new int[] {3}, new int[] {2}, new int[] {9}, null);
        assertThat(Replacements.heldOutShares(other)[0]).isNotEqualTo(together[2]);
    }
}
