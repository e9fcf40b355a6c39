package norma.trainer.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Devices;
import norma.trainer.model.Precision;
import norma.trainer.torchscript.TorchScript;

/** How fast this machine multiplies matrices through libtorch: the limit that a training step is held against. */
public final class MatrixProductRate {
    private static final int SIZE = 2048;
    private static final double FLOPS = 2.0 * SIZE * SIZE * SIZE;
    /** On a GPU one product is over before its launch is paid for. */
    private static final int PRODUCTS_ON_GPU = 50;

    private static final String FUNCTIONS = """
              def product(self: __torch__.Functions, a: Tensor, b: Tensor) -> Tensor:
                x = torch.to(a, TYPE)
                y = torch.to(b, TYPE)
                last = torch.matmul(x, y)
                for i in range(MORE):
                  last = torch.matmul(x, y)
                return torch.to(torch.select(torch.select(last, 0, 0), 0, 0), 6)
            """;

    private MatrixProductRate() {}

    /** The median rate of square float32 products of 2,048. */
    public static double gigaflopsPerSecond(Device device, double seconds) {
        return gigaflopsPerSecond(device, Precision.FLOAT32, seconds);
    }

    /**
     * The median rate of square products of 2,048.
     *
     * @param device where
     * @param precision of the products
     * @param seconds how long to measure, after one round of warm-up
     * @return 10^9 floating-point operations a second; a multiplication and an addition count as two
     */
    public static double gigaflopsPerSecond(Device device, Precision precision, double seconds) {
        int products = device.isGpu() ? PRODUCTS_ON_GPU : 1;
        List<Double> rates = new ArrayList<>();
        try (NDManager manager = Devices.engine().newBaseManager(device);
                TorchScript script = TorchScript.compile(
                        manager,
                        FUNCTIONS
                                .replace("TYPE", precision == Precision.BF16 ? "15" : "6")
                                .replace("MORE", Integer.toString(products - 1)))) {
            NDArray a = manager.ones(new Shape(SIZE, SIZE));
            NDArray b = manager.ones(new Shape(SIZE, SIZE));
            product(script, a, b);
            long end = System.nanoTime() + (long) (seconds * 1e9);
            do {
                long start = System.nanoTime();
                product(script, a, b);
                rates.add(products * FLOPS / (System.nanoTime() - start));
            } while (System.nanoTime() < end);
        }
        Collections.sort(rates);
        return rates.get(rates.size() / 2);
    }

    private static void product(TorchScript script, NDArray a, NDArray b) {
        try (NDArray c = script.call("product", new NDList(a, b)).singletonOrThrow()) {
            DeviceReads.copy(c); // waits for an asynchronous device
        }
    }
}
