package norma.trainer.device;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.Function;

/**
 * Reads values from a device, and counts it: each read waits until the device has done all that it was given. Nothing
 * else reads from arrays.
 *
 * <p>From a GPU, DJL copies an array to host memory before it gives its values, and hangs that copy, in a manager of
 * its own, below the array's manager, where it stays as long as that one: for a model's parameters as long as the
 * model. So every read is of a second handle of the array in a manager that lives as long as the read.
 */
public final class DeviceReads {
    private long count;

    /** The values of a FLOAT32 array. */
    public float[] floats(NDArray array) {
        count++;
        return copy(array);
    }

    /** The values of a FLOAT64 array. */
    public double[] doubles(NDArray array) {
        count++;
        return read(array, NDArray::toDoubleArray);
    }

    /** The values of a FLOAT32 array, where no step is being timed: for checkpoints, probes and tests. */
    public static float[] copy(NDArray array) {
        return read(array, NDArray::toFloatArray);
    }

    /** The values of an INT64 array, where no step is being timed. */
    public static long[] longs(NDArray array) {
        return read(array, NDArray::toLongArray);
    }

    private static <T> T read(NDArray array, Function<NDArray, T> values) {
        try (NDManager scope = array.getManager().newSubManager()) {
            NDArray handle = array.stopGradient(); // the same memory
            handle.attach(scope);
            return values.apply(handle);
        }
    }

    /** Reads so far. */
    public long count() {
        return count;
    }
}
