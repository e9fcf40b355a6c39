package norma.trainer.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import norma.trainer.device.Devices;

/** How fast this machine multiplies matrices through libtorch: the limit that a training step is held against. */
public final class MatrixProductRate {
    private static final int SIZE = 2048;
    private static final double FLOPS = 2.0 * SIZE * SIZE * SIZE;

    private MatrixProductRate() {}

    /**
     * The median rate of square float32 products of 2,048.
     *
     * @param device where
     * @param seconds how long to measure, after one product of warm-up
     * @return 10^9 floating-point operations a second; a multiplication and an addition count as two
     */
    public static double gigaflopsPerSecond(Device device, double seconds) {
        List<Double> rates = new ArrayList<>();
        try (NDManager manager = Devices.engine().newBaseManager(device)) {
            NDArray a = manager.ones(new Shape(SIZE, SIZE));
            NDArray b = manager.ones(new Shape(SIZE, SIZE));
            product(a, b);
            long end = System.nanoTime() + (long) (seconds * 1e9);
            do {
                long start = System.nanoTime();
                product(a, b);
                rates.add(FLOPS / (System.nanoTime() - start));
            } while (System.nanoTime() < end);
        }
        Collections.sort(rates);
        return rates.get(rates.size() / 2);
    }

    private static void product(NDArray a, NDArray b) {
        try (NDArray c = a.matMul(b)) {
            c.getFloat(0, 0); // waits for an asynchronous device
        }
    }
}
