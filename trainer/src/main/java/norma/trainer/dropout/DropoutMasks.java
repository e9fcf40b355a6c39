package norma.trainer.dropout;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.random.CounterHash;

/**
 * Every dropout mask of a forward pass, written by Java straight into the arrays' memory.
 *
 * <p>An element is a function of (seed, step, site, element) where elements are counted through the whole batch of the
 * step, padded to its longest sequence. So no two elements of a step share a draw, and cutting a batch into
 * micro-batches changes no mask, even where each of them is cut to the length of its own longest sequence. One hash
 * gives four elements of 15 bits each, so the probability is rounded to a multiple of 2^-15, and the scale 1 / (1 - p)
 * is that of the rounded one: the mean is exact.
 *
 * <p>libtorch's own {@code bernoulli_} is serial on CPU and five times slower per element.
 */
public final class DropoutMasks {
    /** Elements that a mask can have: Java writes no more memory in one piece. */
    public static final int MOST_ELEMENTS = Integer.MAX_VALUE / Float.BYTES;

    private static final int ELEMENTS_PER_HASH = 4;
    private static final int CHUNK = 1 << 16; // elements a task fills

    private final long seed;
    private final boolean attentionInBytes;

    /**
     * Masks for a model.
     *
     * @param seed the run's seed
     * @param attentionInBytes whether masks of attention probabilities are bytes, 1 where an element is kept, for
     *     functions that multiply by the scale elsewhere
     */
    public DropoutMasks(long seed, boolean attentionInBytes) {
        this.seed = seed;
        this.attentionInBytes = attentionInBytes;
    }

    /**
     * The masks of one micro-batch, flat, one per site: 0 where dropped, 1 / (1 - p) elsewhere, or 1 in bytes; null for
     * a site that drops nothing.
     *
     * @param manager owns the arrays
     * @param sites in the order of the forward pass
     * @param step which step
     * @param firstRow the micro-batch's first sequence within the step's batch
     * @param rows its number of sequences
     * @throws InvalidInputException if a mask would have more than {@value #MOST_ELEMENTS} elements
     */
    public NDArray[] masks(NDManager manager, List<DropoutSite> sites, long step, long firstRow, int rows) {
        NDArray[] masks = new NDArray[sites.size()];
        for (int i = 0; i < masks.length; i++) {
            DropoutSite site = sites.get(i);
            if (Lanes.threshold(site.probability()) > 0) {
                long key = CounterHash.key(seed, "dropout", step, i);
                masks[i] = mask(
                        manager,
                        elements(site, rows),
                        site.attention() && attentionInBytes,
                        new Draws(key, site, firstRow));
            }
        }
        return masks;
    }

    /** What a mask multiplies the elements by that it keeps. */
    public static float scale(double probability) {
        return Float.intBitsToFloat((int) Lanes.of(probability).scaleBits());
    }

    private static int elements(DropoutSite site, int rows) {
        if (rows > site.mostRows()) {
            throw new InvalidInputException(
                    "micro_batch_size: found " + rows + " sequences in memory at once, expected at most "
                            + site.mostRows() + ", for a dropout mask of such sequences has "
                            + site.elementsPerRow() + " elements each and at most " + MOST_ELEMENTS + " together");
        }
        return (int) (site.elementsPerRow() * rows);
    }

    /**
     * The draws of one mask.
     *
     * @param firstRow the first sequence within the step's batch
     */
    private record Draws(long key, DropoutSite site, long firstRow) {}

    private static NDArray mask(NDManager manager, int elements, boolean inBytes, Draws draws) {
        NDArray mask = manager.create(new Shape(elements), inBytes ? DataType.UINT8 : DataType.FLOAT32, Device.cpu());
        ByteBuffer buffer = mask.toByteBuffer(true).order(ByteOrder.nativeOrder());
        Lanes lanes = Lanes.of(draws.site().probability());
        Elements target = inBytes ? new Bytes(buffer) : new Float32(buffer, lanes.scaleBits());
        IntStream.range(0, (elements + CHUNK - 1) / CHUNK)
                .parallel()
                .forEach(chunk -> fill(target, chunk * CHUNK, Math.min(elements, (chunk + 1) * CHUNK), draws, lanes));
        return mask.toDevice(manager.getDevice(), false);
    }

    /** Fills the elements {@code from} to {@code to} of a mask, in pieces whose draws are counted without a gap. */
    private static void fill(Elements target, int from, int to, Draws draws, Lanes lanes) {
        int at = from;
        while (at < to) {
            int piece = (int) Math.min(to - at, draws.site().withoutGap(at));
            fill(target, at, piece, draws.key(), draws.site().draw(draws.firstRow(), at), lanes);
            at += piece;
        }
    }

    private static void fill(Elements target, int start, int elements, long key, long firstDraw, Lanes lanes) {
        int head = (int) Math.min(elements, Math.floorMod(-firstDraw, (long) ELEMENTS_PER_HASH));
        int fours = (elements - head) / ELEMENTS_PER_HASH;
        int done = head + fours * ELEMENTS_PER_HASH;
        fillOnes(target, start, head, key, firstDraw, lanes);
        target.fillFours(start + head, fours, key, (firstDraw + head) / ELEMENTS_PER_HASH, lanes);
        fillOnes(target, start + done, elements - done, key, firstDraw + done, lanes);
    }

    /** The same elements one at a time, for what is left beside whole hashes. */
    private static void fillOnes(Elements target, int start, int elements, long key, long firstDraw, Lanes lanes) {
        for (int i = 0; i < elements; i++) {
            long draw = firstDraw + i;
            int lane = (int) (draw % ELEMENTS_PER_HASH);
            long kept = lanes.kept(CounterHash.at(key, draw / ELEMENTS_PER_HASH)) >>> (16 * lane);
            target.fill(start + i, kept & 1);
        }
    }

    /** A mask's memory. */
    private sealed interface Elements {
        /**
         * Writes one element.
         *
         * @param kept 1 or 0
         */
        void fill(int element, long kept);

        /** Writes the elements of {@code fours} hashes that follow one another. */
        void fillFours(int start, int fours, long key, long firstCounter, Lanes lanes);
    }

    /** 1 / (1 - p) where an element is kept. */
    private static final class Float32 implements Elements {
        private final ByteBuffer target;
        private final long scaleBits;
        private final long[] firstPairs;
        private final long[] secondPairs;

        /**
         * Of a mask.
         *
         * @param scaleBits the bits of the number
         */
        Float32(ByteBuffer target, long scaleBits) {
            this.target = target;
            this.scaleBits = scaleBits;
            firstPairs = pairs(0);
            secondPairs = pairs(2);
        }

        @Override
        public void fill(int element, long kept) {
            target.putInt(element * Float.BYTES, (int) (kept * scaleBits));
        }

        @Override
        public void fillFours(int start, int fours, long key, long firstCounter, Lanes lanes) {
            int at = start * Float.BYTES;
            for (int i = 0; i < fours; i++) {
                int kept = Lanes.packed(lanes.kept(CounterHash.at(key, firstCounter + i)));
                target.putLong(at, firstPairs[kept]);
                target.putLong(at + Long.BYTES, secondPairs[kept]);
                at += ELEMENTS_PER_HASH * Float.BYTES;
            }
        }

        /** For each set of kept elements of four, two that follow one another, from {@code first} on, as they lie. */
        private long[] pairs(int first) {
            boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
            long[] pairs = new long[1 << ELEMENTS_PER_HASH];
            for (int kept = 0; kept < pairs.length; kept++) {
                long one = ((kept >> first) & 1) * scaleBits;
                long other = ((kept >> (first + 1)) & 1) * scaleBits;
                pairs[kept] = little ? one | (other << Integer.SIZE) : (one << Integer.SIZE) | other;
            }
            return pairs;
        }
    }

    /** 1 where an element is kept, in a byte. */
    private record Bytes(ByteBuffer target) implements Elements {
        @Override
        public void fill(int element, long kept) {
            target.put(element, (byte) kept);
        }

        @Override
        public void fillFours(int start, int fours, long key, long firstCounter, Lanes lanes) {
            boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
            int at = start;
            for (int i = 0; i < fours; i++) {
                long kept = lanes.kept(CounterHash.at(key, firstCounter + i));
                long pairs = kept | kept >>> 8;
                int four = (int) ((pairs & 0xffffL) | ((pairs >>> 16) & 0xffff0000L)); // the first in the lowest byte
                target.putInt(at, little ? four : Integer.reverseBytes(four));
                at += ELEMENTS_PER_HASH;
            }
        }
    }

    /**
     * Four 15-bit draws in the 16-bit lanes of a hash, compared with the threshold all at once: adding 2^15 - threshold
     * to a lane carries into its top bit exactly if the draw reaches the threshold.
     *
     * @param complement 2^15 - threshold in every lane
     * @param scaleBits the bits of the float 1 / (1 - p)
     */
    private record Lanes(long complement, long scaleBits) {
        private static final int RESOLUTION = 1 << 15;
        private static final long DRAWS = 0x7fff7fff7fff7fffL;
        private static final long ONES = 0x0001000100010001L;
        private static final long PACKING = 0x0001000200040008L; // lane j to bit 48 + j

        /** How many of 2^15 draws drop an element. */
        static int threshold(double probability) {
            return (int) Math.round(probability * RESOLUTION);
        }

        static Lanes of(double probability) {
            int threshold = threshold(probability);
            float scale = (float) ((double) RESOLUTION / (RESOLUTION - threshold));
            return new Lanes((RESOLUTION - threshold) * ONES, Integer.toUnsignedLong(Float.floatToRawIntBits(scale)));
        }

        /** What {@link #kept} gives as four bits, the first lane's the lowest. */
        static int packed(long kept) {
            return (int) ((kept * PACKING) >>> 48) & 15;
        }

        /** 1 in every lane that is kept, else 0. */
        long kept(long hash) {
            return ((hash & DRAWS) + complement) >>> 15 & ONES;
        }
    }
}
