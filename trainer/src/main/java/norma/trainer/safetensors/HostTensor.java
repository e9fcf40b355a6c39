package norma.trainer.safetensors;

import java.util.Arrays;
import java.util.OptionalDouble;

/** A float32 array in Java memory with its shape, or one whose elements are brought there when they are asked for. */
public final class HostTensor {
    /** Elements that are brought to Java memory at once where they are gone through. */
    static final int PART = 1 << 18;

    private final long[] shape;
    private final Source source;

    /** Where elements come from. */
    @FunctionalInterface
    public interface Source {
        /**
         * A copy of some elements, as they are now.
         *
         * @param from index of the first, row-major
         */
        float[] read(long from, int count);
    }

    /**
     * One that is there.
     *
     * @param shape dimensions, outermost first; empty for a scalar
     * @param values the elements, row-major
     */
    public HostTensor(long[] shape, float[] values) {
        this(
                shape,
                (from, count) -> from == 0 && count == values.length
                        ? values
                        : Arrays.copyOfRange(values, Math.toIntExact(from), Math.toIntExact(from + count)));
        if (elements() != values.length) {
            throw new IllegalArgumentException(
                    "shape " + Arrays.toString(shape) + " does not hold " + values.length + " values");
        }
    }

    private HostTensor(long[] shape, Source source) {
        this.shape = shape;
        this.source = source;
        elements();
    }

    /**
     * One that is read whenever it is asked for, so that of many tensors only parts have to be in Java memory at one
     * time: what it holds is what its source holds then.
     *
     * @param shape of the source
     */
    public static HostTensor deferred(long[] shape, Source source) {
        return new HostTensor(shape, source);
    }

    /** Dimensions, outermost first; empty for a scalar. */
    public long[] shape() {
        return shape;
    }

    /** Number of elements. */
    public long elements() {
        long elements = 1;
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " is none");
            }
            elements = Math.multiplyExact(elements, dimension);
        }
        return elements;
    }

    /** All elements, row-major. */
    public float[] values() {
        return source.read(0, Math.toIntExact(elements()));
    }

    /**
     * Some of the elements.
     *
     * @param from index of the first, row-major
     */
    public float[] values(long from, int count) {
        return source.read(from, count);
    }

    /** The first element that is no finite number, if there is one. */
    public OptionalDouble notFinite() {
        for (long from = 0; from < elements(); from += PART) {
            for (float value : values(from, (int) Math.min(PART, elements() - from))) {
                if (!Float.isFinite(value)) {
                    return OptionalDouble.of(value);
                }
            }
        }
        return OptionalDouble.empty();
    }
}
