package norma.probes.emergence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import norma.trainer.layernorm.VectorStatistics;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The fast decisions against {@link VectorStatistics#z}, which defines them. */
@Tag("unit")
class DepartureFlagsTest {
    private static final List<Double> SIGMAS = List.of(0.0, 0.5, 1.0, 3.0, 7.0, 1e9);

    @Test
    void onRandomVectors_ofEveryWidthAndNumber_theDecisionsAreThoseOfZ() {
        Random random = new Random(1);
        for (int hidden : new int[] {1, 2, 3, 63, 64, 65, 128, 200}) {
            for (int vectors = 1; vectors <= 9; vectors++) {
                float[] values = new float[hidden * vectors];
                for (int i = 0; i < values.length; i++) {
                    double cube = random.nextGaussian();
                    values[i] = (float) (1 + cube * cube * cube / 100);
                }
                assertSame(values, hidden, vectors);
            }
        }
    }

    @Test
    void onVectorsThatAreHardToDecide_theDecisionsAreThoseOfZ() {
        float[][] hard = {
            {1, 1, 1, 1, 1, 1, 1, 1},
            {0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f},
            {0, 0, 0, 0, 0, 0, 0, -0f},
            {-1, 1, -1, 1, -1, 1, -1, 1}, // every |z| is exactly 1
            {0.3f, -0.3f, 0.3f, -0.3f, 0.3f, -0.3f, 0.3f, -0.3f},
            {Float.MIN_VALUE, 0, 0, 0, 0, 0, 0, 0},
            {Float.MAX_VALUE, -Float.MAX_VALUE, 0, 0, 0, 0, 0, Float.MAX_VALUE},
            {Float.MAX_VALUE, Float.MAX_VALUE, Float.MAX_VALUE, 1, 1, 1, 1, 1},
            {Float.NaN, 1, 1, 1, 1, 1, 1, 5},
            {1, 1, 1, 1, 1, 1, 5, Float.POSITIVE_INFINITY},
            {Float.NEGATIVE_INFINITY, 1, 1, 1, 1, 1, 5, Float.POSITIVE_INFINITY},
            {1, Math.nextUp(1f), 1, 1, 1, 1, 1, 1},
            {16777216, 16777218, 16777216, 16777216, 16777216, 16777216, 16777216, 16777216},
        };
        float[] values = new float[hard.length * 8];
        for (int vector = 0; vector < hard.length; vector++) {
            System.arraycopy(hard[vector], 0, values, vector * 8, 8);
        }
        assertSame(values, 8, hard.length);
    }

    @Test
    void atTheThresholdItself_theDecisionsAreThoseOfZ() {
        // One value of n + 1 has z = sqrt(n), the others −1/sqrt(n): thresholds at and beside what a z rounds to.
        Random random = new Random(2);
        for (int n = 2; n < 150; n++) {
            float[] values = new float[4 * (n + 1)];
            for (int vector = 0; vector < 4; vector++) {
                values[vector * (n + 1) + random.nextInt(n + 1)] = random.nextFloat() + 0.1f;
            }
            for (double z : VectorStatistics.z(values, n + 1, n + 1)) {
                double size = Math.abs(z);
                for (double sigma : new double[] {size, Math.nextUp(size), Math.nextDown(size)}) {
                    assertSame(values, n + 1, 4, sigma);
                }
            }
        }
    }

    private static void assertSame(float[] values, int hidden, int vectors) {
        SIGMAS.forEach(sigma -> assertSame(values, hidden, vectors, sigma));
    }

    private static void assertSame(float[] values, int hidden, int vectors, double sigma) {
        int words = DepartureFlags.words(hidden);
        long[] flags = new long[words * vectors];
        java.util.Arrays.fill(flags, -1); // what was there before must not shine through
        boolean[] notFinite = new boolean[vectors];
        int[] all = IntStream.range(0, vectors).toArray();
        new DepartureFlags(hidden, sigma).mark(values, all, vectors, hidden, flags, notFinite);
        for (int vector = 0; vector < vectors; vector++) {
            double[] z = VectorStatistics.z(values, vector * hidden, hidden);
            boolean finite = true;
            for (int d = 0; d < words * Long.SIZE; d++) {
                boolean beyond = (flags[vector * words + d / Long.SIZE] & 1L << d) != 0;
                assertThat(beyond)
                        .as("vector %s, dimension %s, sigma %s", vector, d, sigma)
                        .isEqualTo(d < hidden && Math.abs(z[d]) > sigma);
                finite &= d >= hidden || Float.isFinite(values[vector * hidden + d]);
            }
            assertThat(notFinite[vector]).isEqualTo(!finite);
        }
    }
}
