package norma.trainer.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import norma.trainer.device.Devices;
import norma.trainer.model.HiddenAxes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Updates against the formulas of their pages, computed here in double precision. */
@Tag("engine")
class OptimizersTest {
    private static final int ROWS = 3;
    private static final int HIDDEN = 4;
    private static final double RATE = 0.05;
    private static final double DIVISOR = 8;

    private final Random random = new Random(3);
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = Devices.engine().newBaseManager(Device.cpu());
        JniUtils.setGradMode(false);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private double[] draw(int count) {
        return random.doubles(count, -1, 1).map(x -> (float) x).toArray();
    }

    private PtNDArray array(double[] values, Shape shape) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return (PtNDArray) manager.create(floats, shape);
    }

    private static double norm(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(x -> x * x).sum());
    }

    /** Updates one parameter by gradients that still have to be divided, as a step's are. */
    private final class Trained implements AutoCloseable {
        private final PtNDArray parameter;
        private final List<PtNDArray> state = new ArrayList<>();
        private final Optimizer.Group group;
        private final Optimizer optimizer;
        private final Clipping clipping;

        Trained(Optimizer.Settings settings, Optimizer optimizer, double[] start, Shape shape, HiddenAxes axes) {
            parameter = array(start, shape);
            settings.state().forEach(name -> state.add((PtNDArray) manager.zeros(shape)));
            group = new Optimizer.Group(
                    List.of(parameter), state.stream().map(List::of).toList(), List.of(axes), true);
            this.optimizer = optimizer;
            clipping = new Clipping(manager, settings.maxGradientNorm());
        }

        Trained(Optimizer.Settings settings, double[] start, Shape shape, HiddenAxes axes) {
            this(settings, settings.create(manager, HIDDEN), start, shape, axes);
        }

        void step(double[] gradient, double loss) {
            List<PtNDArray> gradients = new ArrayList<>(
                    List.of(array(Arrays.stream(gradient).map(x -> x * DIVISOR).toArray(), parameter.getShape())));
            PtNDArray norm = clipping.norm(gradients);
            optimizer.update(group, gradients, clipping.begin(norm, (PtNDArray) manager.create(loss), DIVISOR), RATE);
        }

        float[] values() {
            return parameter.toFloatArray();
        }

        @Override
        public void close() {
            optimizer.close();
            clipping.close();
        }
    }

    private static void assertClose(float[] found, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i]).as("element " + i).isCloseTo(expected[i], within(2e-6));
        }
    }

    @Test
    void sgd_isTorchsFormula_withMomentumDecayAndClipping() {
        double[] p = draw(6);
        double[] buffer = new double[6];
        try (Trained sgd = new Trained(new Sgd.Hyperparameters(0.9, 0.1, 1), p, new Shape(6), HiddenAxes.NONE)) {
            for (int step = 0; step < 4; step++) {
                double[] g = Arrays.stream(draw(6)).map(x -> 2 * x).toArray();
                double clip = Math.min(1, 1 / (norm(g) + 1e-6));
                assertThat(clip).isLessThan(1);
                for (int i = 0; i < 6; i++) {
                    buffer[i] = 0.9 * buffer[i] + clip * g[i] + 0.1 * p[i];
                    p[i] -= RATE * buffer[i];
                }
                sgd.step(g, 1);
                assertClose(sgd.values(), p);
                assertClose(sgd.state.get(0).toFloatArray(), buffer);
            }
        }
    }

    @Test
    void anUpdateThatIsNotFinite_changesNothing() {
        AdamW.Hyperparameters adam = new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.1, 1);
        for (Optimizer.Settings settings :
                List.of(adam, new RotatedAdamW.Hyperparameters(adam, 1), new Sgd.Hyperparameters(0.9, 0.1, 1))) {
            try (Trained one = new Trained(settings, draw(HIDDEN), new Shape(HIDDEN), HiddenAxes.FIRST)) {
                one.step(draw(HIDDEN), 1);
                float[] before = one.values();
                List<float[]> state =
                        one.state.stream().map(NDArray::toFloatArray).toList();
                one.step(draw(HIDDEN), Double.NaN);
                one.step(new double[] {1, Double.POSITIVE_INFINITY, 0, 0}, 1);
                assertThat(one.values()).as(settings.type()).containsExactly(before);
                for (int i = 0; i < state.size(); i++) {
                    assertThat(one.state.get(i).toFloatArray()).containsExactly(state.get(i));
                }
                assertThat(one.clipping.skipped().toFloatArray()).containsExactly(2);
            }
        }
    }

    @Test
    void rotatedAdamW_isAdamWOfTheRotatedParameter() {
        AdamW.Hyperparameters adam = new AdamW.Hyperparameters(0.9, 0.99, 1e-8, 0.1, 1e9);
        float[][] q = RandomRotation.of(HIDDEN, 5);
        RotatedAdamW.Hyperparameters settings = new RotatedAdamW.Hyperparameters(adam, 5);
        for (HiddenAxes axes : List.of(HiddenAxes.SECOND, HiddenAxes.FIRST, HiddenAxes.BOTH, HiddenAxes.NONE)) {
            Shape shape =
                    switch (axes) {
                        case FIRST -> new Shape(HIDDEN, ROWS);
                        case BOTH -> new Shape(HIDDEN, HIDDEN);
                        default -> new Shape(ROWS, HIDDEN);
                    };
            double[] p = draw((int) shape.size());
            double[] m = new double[p.length];
            double[] v = new double[p.length];
            try (Trained rotated = new Trained(settings, p, shape, axes)) {
                double[] turned = turned(p, shape, axes, q);
                for (int t = 1; t <= 3; t++) {
                    double[] gradient = draw(p.length);
                    double[] g = turned(gradient, shape, axes, q);
                    for (int i = 0; i < p.length; i++) {
                        m[i] = 0.9 * m[i] + 0.1 * g[i];
                        v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i];
                        double step =
                                m[i] / (1 - Math.pow(0.9, t)) / (Math.sqrt(v[i] / (1 - Math.pow(0.99, t))) + 1e-8);
                        turned[i] = turned[i] * (1 - RATE * 0.1) - RATE * step;
                    }
                    rotated.step(gradient, 1);
                    float[] found = rotated.values();
                    double[] foundTurned = new double[found.length];
                    for (int i = 0; i < found.length; i++) {
                        foundTurned[i] = found[i];
                    }
                    foundTurned = turned(foundTurned, shape, axes, q);
                    for (int i = 0; i < p.length; i++) {
                        assertThat(foundTurned[i]).as(axes + " " + i).isCloseTo(turned[i], within(5e-6));
                    }
                }
            }
        }
    }

    @Test
    void aVector_isTurnedToo_andAdamWWouldHaveMadeAnotherStep() {
        AdamW.Hyperparameters adam = new AdamW.Hyperparameters(0.9, 0.99, 1e-12, 0, 1e9);
        float[][] q = RandomRotation.of(HIDDEN, 5);
        double[] g = draw(HIDDEN);
        try (Trained rotated = new Trained(
                        new RotatedAdamW.Hyperparameters(adam, 5),
                        new double[HIDDEN],
                        new Shape(HIDDEN),
                        HiddenAxes.FIRST);
                Trained plain = new Trained(adam, new double[HIDDEN], new Shape(HIDDEN), HiddenAxes.FIRST)) {
            rotated.step(g, 1);
            plain.step(g, 1);
            double[] expected = new double[HIDDEN]; // the first step of Adam is the sign of the gradient
            for (int i = 0; i < HIDDEN; i++) {
                double turned = 0;
                for (int j = 0; j < HIDDEN; j++) {
                    turned += q[i][j] * g[j];
                }
                for (int j = 0; j < HIDDEN; j++) {
                    expected[j] -= RATE * Math.signum(turned) * q[i][j];
                }
            }
            assertClose(rotated.values(), expected);
            assertClose(
                    plain.values(),
                    Arrays.stream(g).map(x -> -RATE * Math.signum(x)).toArray());
        }
    }

    @Test
    void withoutRotation_itIsAdamW() {
        AdamW.Hyperparameters adam = new AdamW.Hyperparameters(0.9, 0.99, 1e-8, 0.1, 1);
        float[][] identity = new float[HIDDEN][HIDDEN];
        for (int i = 0; i < HIDDEN; i++) {
            identity[i][i] = 1;
        }
        RotatedAdamW.Hyperparameters settings = new RotatedAdamW.Hyperparameters(adam, 1);
        double[] start = draw(ROWS * HIDDEN);
        Shape shape = new Shape(ROWS, HIDDEN);
        try (Trained rotated = new Trained(
                        settings, new RotatedAdamW(manager, settings, identity), start, shape, HiddenAxes.SECOND);
                Trained plain = new Trained(adam, start, shape, HiddenAxes.SECOND)) {
            for (int step = 0; step < 5; step++) {
                double[] g = draw(start.length);
                rotated.step(g, 1);
                plain.step(g, 1);
            }
            float[] expected = plain.values();
            for (int i = 0; i < expected.length; i++) {
                assertThat(rotated.values()[i]).isCloseTo(expected[i], within(1e-6f));
            }
        }
    }

    @Test
    void aRotation_isOrthogonal_itsSeedsOwn_andNotNearTheAxes() {
        int size = 64;
        float[][] q = RandomRotation.of(size, 1);
        double fourth = 0;
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                double dot = 0;
                for (int k = 0; k < size; k++) {
                    dot += (double) q[i][k] * q[j][k];
                }
                assertThat(dot).isCloseTo(i == j ? 1 : 0, within(1e-6));
                fourth += Math.pow(q[i][j], 4);
            }
        }
        // E q^4 = 3 / (n (n + 2)) for an element of a uniformly drawn rotation
        assertThat(fourth / size / size).isCloseTo(3.0 / (size * (size + 2)), within(0.1 * 3 / (size * (size + 2.0))));
        assertThat(RandomRotation.of(size, 1)).isDeepEqualTo(q);
        assertThat(RandomRotation.of(size, 2)[0][0]).isNotEqualTo(q[0][0]);
    }

    /** Q x on the axes, in double precision. */
    private static double[] turned(double[] x, Shape shape, HiddenAxes axes, float[][] q) {
        int rows = (int) shape.get(0);
        int columns = (int) shape.get(1);
        double[] result = x.clone();
        if (axes == HiddenAxes.SECOND || axes == HiddenAxes.BOTH) {
            double[] from = result.clone();
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    result[r * columns + c] = 0;
                    for (int k = 0; k < columns; k++) {
                        result[r * columns + c] += q[c][k] * from[r * columns + k];
                    }
                }
            }
        }
        if (axes == HiddenAxes.FIRST || axes == HiddenAxes.BOTH) {
            double[] from = result.clone();
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    result[r * columns + c] = 0;
                    for (int k = 0; k < rows; k++) {
                        result[r * columns + c] += q[r][k] * from[k * columns + c];
                    }
                }
            }
        }
        return result;
    }
}
