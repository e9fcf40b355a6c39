package norma.probes.ablation;

import java.util.Arrays;

/**
 * The values of an array that belong to the positions of one of its axes: of a vector one each, of a matrix a row or a
 * column each. Arrays are row-major; which positions are meant is marked.
 */
final class AxisValues {
    private final int before;
    private final int positions;
    private final int behind;

    /**
     * For arrays of a shape.
     *
     * @param axis the axis that counts the positions
     */
    AxisValues(long[] shape, int axis) {
        if (axis >= shape.length) {
            throw new IllegalArgumentException("axis " + axis + " of shape " + Arrays.toString(shape));
        }
        before = product(shape, 0, axis);
        positions = Math.toIntExact(shape[axis]);
        behind = product(shape, axis + 1, shape.length);
    }

    private static int product(long[] shape, int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product *= shape[i];
        }
        return Math.toIntExact(product);
    }

    /** Length of the axis. */
    int positions() {
        return positions;
    }

    /** Copies the values of the marked positions. */
    float[] take(float[] values, boolean[] marked) {
        float[] taken = new float[before * count(marked) * behind];
        int[] at = {0};
        each(marked, index -> taken[at[0]++] = values[index]);
        return taken;
    }

    /** Puts back what {@link #take} copied, bit for bit. */
    void put(float[] values, boolean[] marked, float[] taken) {
        int[] at = {0};
        each(marked, index -> values[index] = taken[at[0]++]);
    }

    /** Sets the values of the marked positions. */
    void fill(float[] values, boolean[] marked, float value) {
        each(marked, index -> values[index] = value);
    }

    /**
     * Sets each value of a marked position to the mean over the positions that are not marked, of those values that
     * share all its other indices: of a vector the mean of the others, of a matrix [4H, H] whose columns are the
     * positions the mean of the others in the same row. Where all positions are marked, 0.
     */
    void mean(float[] values, boolean[] marked) {
        int others = positions - count(marked);
        for (int outer = 0; outer < before; outer++) {
            for (int inner = 0; inner < behind; inner++) {
                double sum = 0;
                for (int position = 0; position < positions; position++) {
                    sum += marked[position] ? 0 : values[index(outer, position, inner)];
                }
                float mean = others == 0 ? 0 : (float) (sum / others);
                for (int position = 0; position < positions; position++) {
                    if (marked[position]) {
                        values[index(outer, position, inner)] = mean;
                    }
                }
            }
        }
    }

    /** Adds the squares of each position's values to its sum. */
    void addSquares(float[] values, double[] sums) {
        for (int outer = 0; outer < before; outer++) {
            for (int position = 0; position < positions; position++) {
                for (int inner = 0; inner < behind; inner++) {
                    double value = values[index(outer, position, inner)];
                    sums[position] += value * value;
                }
            }
        }
    }

    private int index(int outer, int position, int inner) {
        return (outer * positions + position) * behind + inner;
    }

    private static int count(boolean[] marked) {
        int count = 0;
        for (boolean one : marked) {
            count += one ? 1 : 0;
        }
        return count;
    }

    @FunctionalInterface
    private interface Visitor {
        void visit(int index);
    }

    private void each(boolean[] marked, Visitor visitor) {
        for (int outer = 0; outer < before; outer++) {
            for (int position = 0; position < positions; position++) {
                if (marked[position]) {
                    for (int inner = 0; inner < behind; inner++) {
                        visitor.visit(index(outer, position, inner));
                    }
                }
            }
        }
    }
}
