package norma.bench.libtorch;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Times training steps of a BERT as anybody writes it in libtorch's C++ API, called through JavaCPP: what eager_bert.py
 * does, operation by operation.
 *
 * <p>The shape comes from the JSON that {@code norma bench --json} prints; the result is JSON too. Two things are checked
 * first, or it fails: as many numbers are trained as Norma trains, and the loss of one batch without dropout falls.
 */
public final class LibtorchBert {
    private static final int SIZE = 2048;
    private static final double RATE_SECONDS = 2;
    private static final int CHECK_STEPS = 5;
    private static final int CHECK_ROWS = 4;

    private LibtorchBert() {}

    /**
     * Runs the program.
     *
     * @param arguments file of {@code norma bench --json}, timed steps, steps before them, threads
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 4) {
            System.err.println("usage: LibtorchBert SHAPE.json STEPS WARMUP THREADS");
            System.exit(2);
        }
        JsonObject bench =
                JsonParser.parseString(Files.readString(Path.of(arguments[0]))).getAsJsonObject();
        int steps = Integer.parseInt(arguments[1]);
        int warmup = Integer.parseInt(arguments[2]);
        int threads = Integer.parseInt(arguments[3]);
        // JavaCPP unpacks libtorch.so and loads it before what it needs is there: the first use would crash.
        Loader.cacheResource(torch.class, Loader.getPlatform() + "/libtorch_cpu.so");
        torch.set_num_threads(threads);
        openblas.blas_set_num_threads(threads);
        torch.manual_seed(1);

        BertShape shape = BertShape.of(bench.getAsJsonObject("model"));
        long rows = bench.get("batch_size").getAsLong();
        long length = bench.get("sequence_length").getAsLong();
        long predictions = Math.round(bench.get("predictions_per_step").getAsDouble());
        List<Double> check = lossesWithoutDropout(shape, length);
        Trainer trainer = new Trainer(shape);
        requireEqual(bench.get("parameters").getAsLong(), trainer.parameterCount());

        double before = matrixProductRate();
        List<Double> seconds = time(trainer, rows, length, predictions, warmup, steps);
        JsonObject spread = new JsonObject();
        spread.addProperty("min", Collections.min(seconds));
        spread.addProperty("median", median(seconds));
        spread.addProperty("max", Collections.max(seconds));
        Gson gson = new GsonBuilder().setPrettyPrinting().create();
        JsonObject result = new JsonObject();
        result.addProperty("peer", "libtorch " + torch.TORCH_VERSION + ", eager, C++ API");
        result.addProperty("threads", torch.get_num_threads());
        result.addProperty("parameters", trainer.parameterCount());
        result.add("losses_without_dropout", gson.toJsonTree(check));
        result.addProperty("steps", seconds.size());
        result.add("step_seconds", spread);
        result.addProperty("tokens_per_second", rows * length / median(seconds));
        result.addProperty("peak_gigaflops_before", before);
        result.addProperty("peak_gigaflops_after", matrixProductRate());
        System.out.println(gson.toJson(result));
    }

    private static List<Double> time(
            Trainer trainer, long rows, long length, long predictions, int warmup, int steps) {
        List<Double> seconds = new ArrayList<>();
        for (int step = 0; step < warmup + steps; step++) {
            try (PointerScope locals = new PointerScope()) {
                long start = System.nanoTime();
                Tensor loss = trainer.step(
                        trainer.draw(rows, length), Trainer.drawPositions(rows, length, predictions));
                if (step >= warmup) {
                    seconds.add((System.nanoTime() - start) / 1e9);
                }
                if (step % 10 == 0) {
                    System.err.printf(
                            Locale.ROOT, "libtorch's C++ API: step %d, loss %.3f%n", step, loss.item_float());
                }
            }
        }
        return seconds;
    }

    /** Losses of a few steps on the same small batch; each must be below the one before. */
    private static List<Double> lossesWithoutDropout(BertShape shape, long length) {
        Trainer trainer = new Trainer(shape.withoutDropout());
        List<Double> losses = new ArrayList<>();
        try (PointerScope locals = new PointerScope()) {
            Tensor ids = trainer.draw(CHECK_ROWS, length);
            Tensor predicted = Trainer.drawPositions(CHECK_ROWS, length, CHECK_ROWS * length / 8);
            Tensor labels = ids.flatten().index_select(0, predicted);
            for (int step = 0; step < CHECK_STEPS; step++) {
                double loss = trainer.step(ids, predicted, labels).item_double();
                if (step > 0 && !(loss < losses.get(step - 1))) {
                    throw new IllegalStateException(
                            "without dropout the loss of one batch goes " + losses + ", then " + loss + ": no training");
                }
                losses.add(loss);
            }
        }
        return losses;
    }

    private static void requireEqual(long norma, long here) {
        if (norma != here) {
            throw new IllegalStateException("Norma trains " + norma + " numbers, this " + here + ": not the same model");
        }
    }

    /** Median GFLOP/s of square float32 products. */
    private static double matrixProductRate() {
        List<Double> rates = new ArrayList<>();
        try (PointerScope locals = new PointerScope()) {
            Tensor a = torch.ones(SIZE, SIZE);
            Tensor b = torch.ones(SIZE, SIZE);
            a.matmul(b);
            long end = System.nanoTime() + (long) (RATE_SECONDS * 1e9);
            while (System.nanoTime() < end) {
                try (PointerScope product = new PointerScope()) {
                    long start = System.nanoTime();
                    a.matmul(b);
                    rates.add(2.0 * SIZE * SIZE * SIZE / (System.nanoTime() - start));
                }
            }
        }
        return median(rates);
    }

    /** As Python's statistics.median. */
    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
