package norma.trainer.safetensors;

import java.util.List;

/**
 * One tensor of a safetensors header.
 *
 * @param begin first byte, counted from the start of the file
 * @param end the byte after the last one
 */
record TensorEntry(String name, DType type, List<Long> shape, long begin, long end) {
    long elements() {
        return (end - begin) / type.bytes();
    }

    long[] shapeArray() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
