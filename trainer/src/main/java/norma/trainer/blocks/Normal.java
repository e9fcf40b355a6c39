package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import java.util.stream.IntStream;
import norma.datasets.random.CounterHash;

/**
 * A normal distribution of mean 0 that parameters start from: redrawn outside two standard deviations, as the original
 * BERT initialises its matrices and embeddings (TensorFlow's {@code truncated_normal_initializer}), or as it is, as
 * GPT-2 does ({@code random_normal_initializer}). Every element is a pure function of (seed, parameter name, index).
 *
 * @param standardDeviation before truncation
 * @param bound standard deviations outside which a value is drawn again; infinite for none
 * @param key the stream of draws
 */
record Normal(double standardDeviation, double bound, long key) implements Initializer {
    private static final int MAX_DRAWS = 32;
    private static final int BLOCK = 1 << 16;

    /** Within two standard deviations. */
    static Normal truncated(double standardDeviation, long seed, String parameterName) {
        return new Normal(standardDeviation, 2, key(seed, parameterName));
    }

    /** Without bound. */
    static Normal of(double standardDeviation, long seed, String parameterName) {
        return new Normal(standardDeviation, Double.POSITIVE_INFINITY, key(seed, parameterName));
    }

    private static long key(long seed, String parameterName) {
        return CounterHash.key(seed, "init/" + parameterName);
    }

    @Override
    public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
        float[] values = new float[Math.toIntExact(shape.size())];
        fill(values, 0, values.length);
        return manager.create(values, shape).toType(dataType, false);
    }

    /** Writes elements 0 … length-1 to {@code values} from {@code offset} on. */
    void fill(float[] values, int offset, int length) {
        IntStream.range(0, (length + BLOCK - 1) / BLOCK).parallel().forEach(block -> {
            int end = Math.min(length, (block + 1) * BLOCK);
            for (int i = block * BLOCK; i < end; i++) {
                values[offset + i] = (float) (standardDeviation * draw(i));
            }
        });
    }

    /** Box and Muller's transform, drawn again until it falls inside the bound. */
    private double draw(int index) {
        long counter = (long) index * 2 * MAX_DRAWS;
        for (int i = 0; i < MAX_DRAWS; i++) {
            double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - CounterHash.uniform(key, counter + 2L * i)));
            double z = radius * StrictMath.cos(2 * Math.PI * CounterHash.uniform(key, counter + 2L * i + 1));
            if (Math.abs(z) <= bound) {
                return z;
            }
        }
        return 0; // 32 draws in a row outside: once in 10^43
    }
}
