package norma.datasets.batches;

import norma.datasets.random.CounterHash;

/**
 * A random order of 0 … size-1 that needs no memory: a Feistel network on the next power of four (256 at least), walked
 * until it lands inside (Black and Rogaway 2002, "Ciphers with arbitrary finite domains", cycle walking).
 *
 * @param size how many
 * @param key the stream of draws that it is a function of
 */
public record Permutation(long size, long key) {
    private static final int ROUNDS = 8;
    private static final int LEAST_HALF = 4; // bits; the network mixes badly on less

    /** What stands at a position of the order. */
    public long at(long position) {
        int half = Math.max(LEAST_HALF, (Long.SIZE - Long.numberOfLeadingZeros(size - 1) + 1) / 2);
        long x = position;
        do {
            x = encrypt(x, half);
        } while (x >= size);
        return x;
    }

    private long encrypt(long x, int half) {
        long mask = (1L << half) - 1;
        long left = x >>> half;
        long right = x & mask;
        for (int round = 0; round < ROUNDS; round++) {
            long mixed = left ^ (CounterHash.at(key, right * ROUNDS + round) & mask);
            left = right;
            right = mixed;
        }
        return left << half | right;
    }
}
