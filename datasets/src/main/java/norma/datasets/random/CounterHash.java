package norma.datasets.random;

import java.nio.charset.StandardCharsets;

/**
 * Randomness without state: every draw is a pure function of a key and a counter, and a key is a pure function of
 * (seed, purpose, coordinates). So nothing has to be saved to resume a run, and no draw depends on thread or order.
 *
 * <p>The mixing function is SplitMix64's finaliser (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
 * generators", OOPSLA; variant 13 of Stafford).
 */
public final class CounterHash {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private CounterHash() {}

    /**
     * The key of one stream of draws.
     *
     * @param seed the run's seed
     * @param purpose what the draws are for, such as {@code "order"} or {@code "mask"}
     * @param coordinates whatever else tells streams apart: epoch, step, site
     */
    public static long key(long seed, String purpose, long... coordinates) {
        long hash = FNV_OFFSET;
        for (byte b : purpose.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        long key = mix(mix(seed + GOLDEN_GAMMA) ^ hash);
        for (long coordinate : coordinates) {
            key = mix(key + GOLDEN_GAMMA * (coordinate + 1));
        }
        return key;
    }

    /** The draw at {@code counter} of the stream {@code key}: 64 uniform bits. */
    public static long at(long key, long counter) {
        return mix(key + GOLDEN_GAMMA * (counter + 1));
    }

    /** The draw at {@code counter} as a double in [0, 1), a multiple of 2^-53. */
    public static double uniform(long key, long counter) {
        return (at(key, counter) >>> 11) * 0x1.0p-53;
    }

    /** The draw at {@code counter} as a whole number in [0, bound). */
    public static int below(long key, long counter, int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound " + bound + " is not positive");
        }
        return (int) (((at(key, counter) >>> 32) * bound) >>> 32);
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
