package norma.datasets.batches;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class HiddenTokensTest {
    private static String row(HiddenTokens hidden, int row, int query, int length) {
        StringBuilder keys = new StringBuilder();
        for (int key = 0; key < length; key++) {
            keys.append(hidden.hides(row, query, key) ? 'x' : '.');
        }
        return keys.toString();
    }

    @Test
    void inOrder_aTokenSeesThoseBeforeIt_andAllThatAreNotInTheOrder() {
        HiddenTokens hidden = new HiddenTokens.InOrder(4, new int[] {-1, -1, -1, -1, 1, -1, 0, 2});
        assertThat(List.of(row(hidden, 0, 0, 4), row(hidden, 0, 3, 4))).containsOnly("....");
        assertThat(row(hidden, 1, 0, 4)).isEqualTo("x..x");
        assertThat(row(hidden, 1, 1, 4)).isEqualTo("x.xx");
        assertThat(row(hidden, 1, 2, 4)).isEqualTo("x.xx");
        assertThat(row(hidden, 1, 3, 4)).isEqualTo("...x");
    }

    @Test
    void fromAll_hidesTheGivenTokensFromEveryOther_andEveryTokenFromWhatIsPredictedThere() {
        HiddenTokens hidden = HiddenTokens.fromAll(3, new int[] {1, 5});
        assertThat(row(hidden, 0, 0, 3)).isEqualTo("xx.");
        assertThat(row(hidden, 0, 1, 3)).isEqualTo(".x.");
        assertThat(row(hidden, 0, 2, 3)).isEqualTo(".xx");
        assertThat(row(hidden, 1, 0, 3)).isEqualTo("x.x");
        assertThat(row(hidden, 1, 2, 3)).isEqualTo("..x");
    }
}
