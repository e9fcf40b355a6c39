package norma.trainer.optimizer;

import norma.datasets.random.CounterHash;

/**
 * An orthogonal matrix drawn uniformly (from Haar's measure): the rows of a matrix of independent normal draws, made
 * orthonormal one after the other (Mezzadri 2007, "How to generate random matrices from the classical compact groups").
 */
final class RandomRotation {
    private RandomRotation() {}

    /**
     * A pure function of size and seed.
     *
     * @return (size, size)
     */
    static float[][] of(int size, long seed) {
        long key = CounterHash.key(seed, "rotation");
        double[][] rows = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                rows[i][j] = normal(key, ((long) i * size + j) * 2);
            }
            // Twice, for the first pass leaves what rounding does where a row nearly lies in the others' span.
            for (int pass = 0; pass < 2; pass++) {
                for (int before = 0; before < i; before++) {
                    add(rows[i], rows[before], -dot(rows[i], rows[before]));
                }
            }
            scale(rows[i], 1 / Math.sqrt(dot(rows[i], rows[i])));
        }
        float[][] rotation = new float[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                rotation[i][j] = (float) rows[i][j];
            }
        }
        return rotation;
    }

    /** Box and Muller's transform. */
    private static double normal(long key, long counter) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - CounterHash.uniform(key, counter)));
        return radius * StrictMath.cos(2 * Math.PI * CounterHash.uniform(key, counter + 1));
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void add(double[] to, double[] from, double times) {
        for (int i = 0; i < to.length; i++) {
            to[i] += times * from[i];
        }
    }

    private static void scale(double[] row, double by) {
        for (int i = 0; i < row.length; i++) {
            row[i] *= by;
        }
    }
}
