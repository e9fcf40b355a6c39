package norma.trainer.blocks;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Devices;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Draws of a softmax, against the sums of its probabilities by hand. */
@Tag("engine")
class DrawsTest {
    /** Probabilities 0.1, 0.2, 0.3, 0.4. */
    private static final float[] LOGITS = {
        (float) Math.log(0.1), (float) Math.log(0.2), (float) Math.log(0.3), (float) Math.log(0.4)
    };

    private static long[] draws(float[] logits, float... shares) {
        try (NDManager manager = Devices.engine().newBaseManager();
                CrossEntropy losses = new CrossEntropy(manager, new DeviceReads())) {
            float[] rows = new float[logits.length * shares.length];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = logits[i % logits.length];
            }
            NDArray all = manager.create(rows, new Shape(shares.length, logits.length));
            return DeviceReads.longs(losses.draws(losses.probabilities(all), manager.create(shares)));
        }
    }

    @Test
    void aDraw_isTheFirstClassUpToWhichTheProbabilitiesSumToMoreThanTheShare() {
        assertThat(draws(LOGITS, 0, 0.099f, 0.101f, 0.299f, 0.301f, 0.599f, 0.601f, Math.nextDown(1f)))
                .containsExactly(0, 0, 1, 1, 2, 2, 3, 3);
    }

    @Test
    void anImpossibleClass_isNeverDrawn() {
        float none = Float.NEGATIVE_INFINITY;
        assertThat(draws(new float[] {none, 0, none, 0, none}, 0, 0.25f, 0.499f, 0.5f, 0.75f, Math.nextDown(1f)))
                .containsExactly(1, 1, 1, 3, 3, 3);
    }

    @Test
    void sharesThatAreUniform_giveEachClassAsOftenAsItIsProbable() {
        float[] shares = new float[10_000];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = (i + 0.5f) / shares.length;
        }
        long[] drawn = draws(LOGITS, shares);
        for (int token = 0; token < LOGITS.length; token++) {
            int wanted = token;
            assertThat(LongStream.of(drawn).filter(one -> one == wanted).count())
                    .isBetween(1000L * (token + 1) - 1, 1000L * (token + 1) + 1);
        }
    }

    /** More classes than one block, the last of them in one that is not full; plain Java adds them up one by one. */
    @Test
    void ofManyClasses_aDrawIsTheOneThatPlainJavaFinds() {
        Random random = new Random(1);
        float[] logits = new float[203];
        double[] sums = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            logits[i] = i % 7 == 0 ? Float.NEGATIVE_INFINITY : (float) (2 * random.nextGaussian());
            sum += Math.exp(logits[i]);
            sums[i] = sum;
        }
        float[] shares = new float[5_000];
        long[] wanted = new long[shares.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = random.nextInt(1 << 20) / (float) (1 << 20);
            double reached = shares[i] * sum;
            wanted[i] = Arrays.stream(sums).takeWhile(below -> below <= reached).count();
        }
        assertThat(draws(logits, shares)).containsExactly(wanted);
    }

    @Test
    void ofLogitsThatAreNotNumbers_aDrawIsAClassAllTheSame() {
        assertThat(draws(new float[] {Float.NaN, Float.NaN, Float.NaN}, 0, 0.5f))
                .containsExactly(2, 2);
    }
}
