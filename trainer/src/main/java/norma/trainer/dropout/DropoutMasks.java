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
import norma.datasets.InvalidInputException;
import norma.datasets.random.CounterHash;

/**
 * Every dropout mask of a forward pass, written by Java straight into the arrays' memory.
 *
 * <p>An element is a function of (seed, step, site, element) where elements are counted through the whole batch of the
 * step, so cutting a batch into micro-batches changes no mask. One hash gives four elements of 15 bits each, so the
 * probability is rounded to a multiple of 2^-15, and the scale 1 / (1 - p) is that of the rounded one: the mean is
 * exact.
 *
 * <p>libtorch's own {@code bernoulli_} is serial on CPU and five times slower per element.
 */
public final class DropoutMasks {
    /** Elements that a mask can have: Java writes no more memory in one piece. */
    public static final int MOST_ELEMENTS = Integer.MAX_VALUE / Float.BYTES;

    private static final int ELEMENTS_PER_HASH = 4;
    private static final int RESOLUTION = 1 << 15;
    private static final int CHUNK = 1 << 16; // elements a task fills

    private final long seed;

    /**
     * One place of dropout in the model.
     *
     * @param elementsPerRow elements of the masked array per sequence of the batch
     * @param probability that an element is dropped
     */
    public record Site(long elementsPerRow, double probability) {
        private int threshold() {
            return (int) Math.round(probability * RESOLUTION);
        }
    }

    /**
     * Masks for a model.
     *
     * @param seed the run's seed
     */
    public DropoutMasks(long seed) {
        this.seed = seed;
    }

    /**
     * The masks of one micro-batch, flat, one per site: 0 where dropped, 1 / (1 - p) elsewhere; null for a site that
     * drops nothing.
     *
     * @param manager owns the arrays
     * @param sites in the order of the forward pass
     * @param step which step
     * @param firstRow the micro-batch's first sequence within the step's batch
     * @param rows its number of sequences
     * @throws InvalidInputException if a mask would have more than {@value #MOST_ELEMENTS} elements
     */
    public NDArray[] masks(NDManager manager, List<Site> sites, long step, long firstRow, int rows) {
        NDArray[] masks = new NDArray[sites.size()];
        for (int i = 0; i < masks.length; i++) {
            Site site = sites.get(i);
            if (site.threshold() > 0) {
                long key = CounterHash.key(seed, "dropout", step, i);
                masks[i] = mask(manager, elements(site, rows), key, firstRow * site.elementsPerRow(), site.threshold());
            }
        }
        return masks;
    }

    private static int elements(Site site, int rows) {
        long elements = site.elementsPerRow() * rows;
        if (elements > MOST_ELEMENTS) {
            throw new InvalidInputException(
                    "micro_batch_size: found " + rows + " sequences in memory at once, expected at most "
                            + MOST_ELEMENTS / site.elementsPerRow() + ", for a dropout mask of such sequences has "
                            + site.elementsPerRow() + " elements each and at most " + MOST_ELEMENTS + " together");
        }
        return (int) elements;
    }

    private static NDArray mask(NDManager manager, int elements, long key, long firstElement, int threshold) {
        NDArray mask = manager.create(new Shape(elements), DataType.FLOAT32, Device.cpu());
        fill(mask.toByteBuffer(true).order(ByteOrder.nativeOrder()), elements, key, firstElement, threshold);
        return mask.toDevice(manager.getDevice(), false);
    }

    private static void fill(ByteBuffer target, int elements, long key, long firstElement, int threshold) {
        Lanes lanes = Lanes.of(threshold);
        IntStream.range(0, (elements + CHUNK - 1) / CHUNK).parallel().forEach(chunk -> {
            int from = chunk * CHUNK;
            int length = Math.min(elements - from, CHUNK);
            int at = from * Float.BYTES;
            long first = firstElement + from;
            if (first % ELEMENTS_PER_HASH == 0 && length % ELEMENTS_PER_HASH == 0) {
                fillFours(target, at, length, key, first / ELEMENTS_PER_HASH, lanes);
            } else {
                fillOnes(target, at, length, key, first, lanes);
            }
        });
    }

    private static void fillFours(
            ByteBuffer target, int start, int elements, long key, long firstCounter, Lanes lanes) {
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        long low = little ? 1 : 1L << Integer.SIZE;
        long high = little ? 1L << Integer.SIZE : 1;
        int at = start;
        for (int i = 0; i < elements / ELEMENTS_PER_HASH; i++) {
            long kept = lanes.kept(CounterHash.at(key, firstCounter + i));
            target.putLong(at, ((kept & 1) * low + (kept >>> 16 & 1) * high) * lanes.scaleBits());
            target.putLong(at + Long.BYTES, ((kept >>> 32 & 1) * low + (kept >>> 48) * high) * lanes.scaleBits());
            at += ELEMENTS_PER_HASH * Float.BYTES;
        }
    }

    /** The same elements one at a time, for sizes that are no multiple of four. */
    private static void fillOnes(ByteBuffer target, int start, int elements, long key, long firstElement, Lanes lanes) {
        for (int i = 0; i < elements; i++) {
            long element = firstElement + i;
            int lane = (int) (element % ELEMENTS_PER_HASH);
            long kept = lanes.kept(CounterHash.at(key, element / ELEMENTS_PER_HASH)) >>> (16 * lane);
            target.putInt(start + i * Float.BYTES, (int) ((kept & 1) * lanes.scaleBits()));
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
        private static final long DRAWS = 0x7fff7fff7fff7fffL;
        private static final long ONES = 0x0001000100010001L;

        static Lanes of(int threshold) {
            float scale = (float) ((double) RESOLUTION / (RESOLUTION - threshold));
            return new Lanes((RESOLUTION - threshold) * ONES, Integer.toUnsignedLong(Float.floatToRawIntBits(scale)));
        }

        /** 1 in every lane that is kept, else 0. */
        long kept(long hash) {
            return ((hash & DRAWS) + complement) >>> 15 & ONES;
        }
    }
}
