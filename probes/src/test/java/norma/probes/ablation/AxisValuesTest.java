package norma.probes.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class AxisValuesTest {
    /** 3 rows of 2 columns. */
    private static float[] matrix() {
        return new float[] {1, 2, 3, 4, 5, 9};
    }

    private static boolean[] marked(int positions, int... which) {
        boolean[] marked = new boolean[positions];
        for (int position : which) {
            marked[position] = true;
        }
        return marked;
    }

    @Test
    void ofAVector_aPositionIsOneValue() {
        AxisValues vector = new AxisValues(new long[] {5}, 0);
        assertThat(vector.positions()).isEqualTo(5);
        float[] zeroed = {1, 2, 3, 4, 10};
        vector.fill(zeroed, marked(5, 1, 3), 0);
        assertThat(zeroed).containsExactly(1, 0, 3, 0, 10);
        float[] averaged = {1, 2, 4, 4, 10};
        vector.mean(averaged, marked(5, 1, 3));
        assertThat(averaged).containsExactly(1, 5, 4, 5, 10);
        double[] squares = {100, 0, 0, 0, 0};
        vector.addSquares(new float[] {1, 2, 3, 4, 10}, squares);
        assertThat(squares).containsExactly(101, 4, 9, 16, 100);
    }

    @Test
    void ofAMatrix_aPositionOfTheLastAxisIsAColumn() {
        AxisValues columns = new AxisValues(new long[] {3, 2}, 1);
        float[] zeroed = matrix();
        columns.fill(zeroed, marked(2, 1), 0);
        assertThat(zeroed).containsExactly(1, 0, 3, 0, 5, 0);
        float[] averaged = {1, 2, 7, 3, 4, 8}; // 2 rows of 3
        new AxisValues(new long[] {2, 3}, 1).mean(averaged, marked(3, 0));
        assertThat(averaged).as("the mean of the others in the same row").containsExactly(4.5f, 2, 7, 6, 4, 8);
        double[] squares = new double[2];
        columns.addSquares(matrix(), squares);
        assertThat(squares).containsExactly(1 + 9 + 25, 4 + 16 + 81);
    }

    @Test
    void ofAMatrix_aPositionOfTheFirstAxisIsARow() {
        AxisValues rows = new AxisValues(new long[] {3, 2}, 0);
        float[] zeroed = matrix();
        rows.fill(zeroed, marked(3, 0, 2), 0);
        assertThat(zeroed).containsExactly(0, 0, 3, 4, 0, 0);
        float[] averaged = matrix();
        rows.mean(averaged, marked(3, 1));
        assertThat(averaged).as("the mean of the others in the same column").containsExactly(1, 2, 3, 5.5f, 5, 9);
        double[] squares = new double[3];
        rows.addSquares(matrix(), squares);
        assertThat(squares).containsExactly(5, 25, 106);
    }

    @Test
    void ofThreeAxes_theMiddleOneCounts() {
        AxisValues middle = new AxisValues(new long[] {2, 3, 2}, 1);
        float[] values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        middle.fill(values, marked(3, 1), 0);
        assertThat(values).containsExactly(1, 2, 0, 0, 5, 6, 7, 8, 0, 0, 11, 12);
        middle.mean(values, marked(3, 1));
        assertThat(values).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    }

    @Test
    void whereNoOtherPositionIsLeft_theMeanIs0() {
        float[] values = {1, 2};
        new AxisValues(new long[] {2}, 0).mean(values, marked(2, 0, 1));
        assertThat(values).containsExactly(0, 0);
    }

    @Test
    void whatWasTaken_isPutBackBitForBit_andNothingElseIsTouched() {
        int payload = 0x7fc01234;
        float[] values = {1, Float.intBitsToFloat(payload), 3, -0.0f, 5, 6};
        AxisValues columns = new AxisValues(new long[] {3, 2}, 1);
        boolean[] second = marked(2, 1);
        float[] taken = columns.take(values, second);
        assertThat(taken).hasSize(3);
        columns.fill(values, second, 0);
        values[0] = 7; // an edit of somebody else
        columns.put(values, second, taken);
        assertThat(Float.floatToRawIntBits(values[1])).isEqualTo(payload);
        assertThat(Float.floatToRawIntBits(values[3])).isEqualTo(0x80000000);
        assertThat(new float[] {values[0], values[2], values[4], values[5]}).containsExactly(7, 3, 5, 6);
    }

    @Test
    void anAxisThatTheArrayLacks_isRefused() {
        assertThatThrownBy(() -> new AxisValues(new long[] {5}, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("axis 1 of shape [5]");
    }
}
