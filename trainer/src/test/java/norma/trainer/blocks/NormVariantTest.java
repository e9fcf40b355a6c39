package norma.trainer.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.random.CounterHash;
import norma.trainer.device.Devices;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every norm that the hidden states may have, against its equation in plain Java. */
@Tag("engine")
class NormVariantTest {
    private static final int ROWS = 4;
    private static final int HIDDEN = 6;
    private static final double EPSILON = 0.01;

    @ParameterizedTest
    @EnumSource
    void outputAndGradients_areThoseOfTheEquation(NormVariant variant) {
        NetworkParameters parameters = new NetworkParameters(0.02, 1);
        Norm norm = parameters.norm(variant, "norm", HIDDEN, EPSILON);
        Map<String, double[]> given = new LinkedHashMap<>();
        given.put("x", random("x", ROWS * HIDDEN));
        for (Parameter one : parameters.all()) {
            double[] values = random(one.getName(), (int) one.getShape().size());
            if (parameters.constants().contains(one)) {
                Arrays.fill(values, 1);
            }
            given.put(one.getName(), values);
        }
        assertThat(norm.parameterNames()).containsExactlyInAnyOrderElementsOf(names(variant));
        double[] direction = random("direction", ROWS * HIDDEN);
        try (NDManager manager = Devices.engine().newBaseManager()) {
            LeafPass leaves = new LeafPass(manager, null, parameters.all(), given);
            leaves.add("x", given.get("x"), new Shape(ROWS, HIDDEN));
            try (GradientCollector collector = Devices.engine().newGradientCollector()) {
                NDArray output = norm.apply(leaves, leaves.leaf("x"));
                double[] expected = output(variant, given);
                float[] found = output.toFloatArray();
                for (int i = 0; i < found.length; i++) {
                    assertThat((double) found[i]).isCloseTo(expected[i], within(1e-5));
                }
                collector.backward(
                        output.mul(LeafPass.floats(manager, direction).reshape(output.getShape()))
                                .sum());
            }
            FiniteDifferences.of(values -> output(variant, values), given, direction)
                    .forEach((name, gradient) -> {
                        float[] found = leaves.leaf(name).getGradient().toFloatArray();
                        assertThat(Arrays.stream(gradient).map(Math::abs).sum())
                                .as(name)
                                .isGreaterThan(0.01);
                        for (int i = 0; i < found.length; i++) {
                            assertThat((double) found[i]).as(name).isCloseTo(gradient[i], within(1e-4));
                        }
                    });
        }
    }

    private static List<String> names(NormVariant variant) {
        return switch (variant) {
            case LAYER_NORM, NO_SCALE -> List.of("norm.weight", "norm.bias");
            case ONE_SCALE -> List.of("norm.weight", "norm.scale", "norm.bias");
            case RMS_NORM -> List.of("norm.weight");
        };
    }

    /** (ROWS, HIDDEN). */
    private static double[] output(NormVariant variant, Map<String, double[]> given) {
        double[] x = given.get("x");
        double[] y = new double[x.length];
        for (int row = 0; row < ROWS; row++) {
            double mean = 0;
            double squares = 0;
            for (int i = 0; i < HIDDEN; i++) {
                mean += x[row * HIDDEN + i] / HIDDEN;
                squares += x[row * HIDDEN + i] * x[row * HIDDEN + i] / HIDDEN;
            }
            for (int i = 0; i < HIDDEN; i++) {
                double value = x[row * HIDDEN + i];
                double weight = given.get("norm.weight")[i];
                y[row * HIDDEN + i] = variant == NormVariant.RMS_NORM
                        ? weight * value / Math.sqrt(squares + EPSILON)
                        : weight
                                        * (variant == NormVariant.ONE_SCALE ? given.get("norm.scale")[0] : 1)
                                        * (value - mean)
                                        / Math.sqrt(squares - mean * mean + EPSILON)
                                + given.get("norm.bias")[i];
            }
        }
        return y;
    }

    @ParameterizedTest
    @EnumSource
    void aSite_hasWhatIsTrainedForEachPosition_andConstantsWhereAWeightIsMissing(NormVariant variant) {
        NetworkParameters parameters = new NetworkParameters(0.02, 1);
        LayerNormSite site = parameters
                .norm(variant, "norm", HIDDEN, EPSILON)
                .site("site", LayerNormSite.Stack.ENCODER, 0, LayerNormSite.Kind.OUTPUT);
        boolean weight = variant == NormVariant.LAYER_NORM || variant == NormVariant.RMS_NORM;
        Slice slice = Slice.ofVector("norm.weight");
        assertThat(site.weight()).isEqualTo(weight ? slice : null);
        assertThat(site.constants()).isEqualTo(weight ? null : slice);
        assertThat(site.factors()).isEqualTo(slice);
        assertThat(site.bias()).isEqualTo(variant == NormVariant.RMS_NORM ? null : Slice.ofVector("norm.bias"));
        assertThat(site.width()).isEqualTo(HIDDEN);
    }

    /** Between -1 and 1, as floats hold them. */
    private static double[] random(String name, int size) {
        double[] values = new double[size];
        long key = CounterHash.key(9, name);
        Arrays.setAll(values, i -> (float) (2 * CounterHash.uniform(key, i) - 1));
        return values;
    }
}
