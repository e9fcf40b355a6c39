package norma.datasets.batches;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import norma.datasets.random.CounterHash;

@Tag("unit")
class PermutationTest {
    @Property
    void everyPositionGetsAnotherNumber(@ForAll @IntRange(min = 1, max = 5000) int size, @ForAll long key) {
        BitSet seen = new BitSet(size);
        Permutation order = new Permutation(size, key);
        for (int i = 0; i < size; i++) {
            long at = order.at(i);
            assertThat(at).isBetween(0L, size - 1L);
            seen.set((int) at);
        }
        assertThat(seen.cardinality()).isEqualTo(size);
    }

    @Property(tries = 200)
    void sizesBeyondAnInt_stayInside(
            @ForAll @LongRange(min = 1L << 31, max = 1L << 60) long size, @ForAll long key, @ForAll long position) {
        assertThat(new Permutation(size, key).at(Math.floorMod(position, size))).isBetween(0L, size - 1);
    }

    @Property(tries = 1)
    void everyNumberIsAsLikelyAtEveryPosition() {
        int keys = 20_000;
        for (int size : new int[] {3, 7, 12, 100}) {
            int[][] counts = new int[size][size];
            int fixedPoints = 0;
            for (int k = 0; k < keys; k++) {
                Permutation order = new Permutation(size, CounterHash.key(1, "test", k));
                for (int i = 0; i < size; i++) {
                    int at = (int) order.at(i);
                    counts[i][at]++;
                    fixedPoints += at == i ? 1 : 0;
                }
            }
            double expected = keys / (double) size;
            double chiSquare = 0;
            for (int[] row : counts) {
                for (int count : row) {
                    chiSquare += (count - expected) * (count - expected) / expected;
                }
            }
            double freedom = (size - 1.0) * (size - 1.0);
            System.out.printf(
                    "size %d: chi-square %.1f of %.0f degrees of freedom, fixed points %.4f (expected 1)%n",
                    size, chiSquare, freedom, fixedPoints / (double) keys);
            assertThat(chiSquare).isLessThan(freedom + 5 * Math.sqrt(2 * freedom));
            assertThat(fixedPoints / (double) keys).isBetween(1 - 5 / Math.sqrt(keys), 1 + 5 / Math.sqrt(keys));
        }
    }

    @Property(tries = 1)
    void neighboursInTheTextAreFarApartInTheOrder() {
        int size = 100_000;
        Permutation order = new Permutation(size, CounterHash.key(3, "order", 0));
        double sum = 0;
        for (int i = 1; i < size; i++) {
            sum += Math.abs(order.at(i) - order.at(i - 1));
        }
        // mean distance of two random positions is a third of the length; its deviation size / sqrt(18 size)
        assertThat(sum / (size - 1)).isBetween(size / 3.0 - 500, size / 3.0 + 500);
    }
}
