package norma.trainer.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import norma.datasets.random.CounterHash;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Devices;
import norma.trainer.device.Upload;
import norma.trainer.model.Precision;

/**
 * Matrix products of float32 arrays in a process that allows TF32 from its start, for libtorch reads that switch once.
 *
 * @param gigaflops their rate
 * @param error largest error over the sum of absolute products: around 1e-7 in float32, above 1e-5 where inputs are
 *     rounded to 10 bits
 */
public record Tf32Product(double gigaflops, double error) {
    private static final int SIZE = 256;
    private static final int DEPTH = 16;
    private static final long MOST_SECONDS = 300;

    /**
     * Measures in another process.
     *
     * @param device as {@link Devices#parse} takes it
     * @return empty if that process failed
     */
    public static Optional<Tf32Product> measure(String device, double seconds) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Tf32Product.class.getName(),
                device,
                Double.toString(seconds));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String out;
            try (InputStream stream = process.getInputStream()) {
                out = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            }
            if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroy();
                return Optional.empty();
            }
            List<String> lines = out.lines().toList();
            String[] words = lines.get(lines.size() - 1).split(" ", -1);
            return Optional.of(new Tf32Product(Double.parseDouble(words[0]), Double.parseDouble(words[1])));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Prints rate and error. */
    public static void main(String[] arguments) {
        Devices.allowTf32();
        Device device = Devices.parse(arguments[0]);
        double rate = MatrixProductRate.gigaflopsPerSecond(device, Precision.FLOAT32, Double.parseDouble(arguments[1]));
        System.out.println(String.format(Locale.ROOT, "%.1f %.3g", rate, error(device)));
    }

    /** The largest error of a product of matrices from 1 to 2, whose elements have all bits of their mantissas. */
    static double error(Device device) {
        float[] a = values("a");
        float[] b = values("b");
        float[] product;
        try (NDManager manager = Devices.engine().newBaseManager(device);
                Upload upload = Upload.to(manager)) {
            NDArray left = upload.floats(manager, a, new Shape(SIZE, DEPTH));
            NDArray right = upload.floats(manager, b, new Shape(SIZE, DEPTH));
            product = DeviceReads.copy(left.matMul(right.transpose()));
        }
        double largest = 0;
        for (int i = 0; i < SIZE; i++) {
            for (int j = 0; j < SIZE; j++) {
                double exact = 0;
                for (int k = 0; k < DEPTH; k++) {
                    exact += (double) a[i * DEPTH + k] * b[j * DEPTH + k];
                }
                largest = Math.max(largest, Math.abs(product[i * SIZE + j] - exact) / exact);
            }
        }
        return largest;
    }

    private static float[] values(String name) {
        long key = CounterHash.key(1, name);
        float[] values = new float[SIZE * DEPTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (1 + CounterHash.uniform(key, i));
        }
        return values;
    }
}
