package norma.trainer.safetensors;

import java.util.Arrays;

/**
 * A float32 array in Java memory with its shape.
 *
 * @param shape dimensions, outermost first; empty for a scalar
 * @param values the elements, row-major
 */
@SuppressWarnings("ArrayRecordComponent") // a hand-over of bulk data, not a value to compare
public record HostTensor(long[] shape, float[] values) {
    public HostTensor {
        long elements = 1;
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " is none");
            }
            elements = Math.multiplyExact(elements, dimension);
        }
        if (elements != values.length) {
            throw new IllegalArgumentException(
                    "shape " + Arrays.toString(shape) + " does not hold " + values.length + " values");
        }
    }
}
