package norma.trainer.device;

import ai.djl.ndarray.NDArray;

/**
 * Reads values from a device, and counts it: each read waits until the device has done all that it was given. A
 * training step reads through this alone.
 */
public final class DeviceReads {
    private long count;

    /** The values of a FLOAT32 array. */
    public float[] floats(NDArray array) {
        count++;
        return array.toFloatArray();
    }

    /** The values of a FLOAT64 array. */
    public double[] doubles(NDArray array) {
        count++;
        return array.toDoubleArray();
    }

    /** The values of a FLOAT32 array, where no step is being timed: for checkpoints, probes and tests. */
    public static float[] copy(NDArray array) {
        return array.toFloatArray();
    }

    /** Reads so far. */
    public long count() {
        return count;
    }
}
