package norma.trainer.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class PowerLawTest {
    private static final double[] DOUBLING = {64, 128, 256, 512};

    @ParameterizedTest
    @CsvSource({"2, 3", "1, 1", "0.5, 1e-3", "-1.5, 40", "0, 7"})
    void anExactLaw_isFound(double exponent, double coefficient) {
        double[] y = Arrays.stream(DOUBLING)
                .map(x -> coefficient * Math.pow(x, exponent))
                .toArray();

        PowerLaw law = PowerLaw.fit(DOUBLING, y);

        assertThat(law.exponent()).isCloseTo(exponent, within(1e-12));
        assertThat(law.coefficient()).isCloseTo(coefficient, within(1e-10 * coefficient));
        assertThat(law.largestResidual()).isCloseTo(0, within(1e-12));
        if (exponent != 0) {
            assertThat(law.rSquared()).isCloseTo(1, within(1e-12));
        }
    }

    /** u = 0, 1, 2, 3 and v = 1, 3, 2, 5: Suv = 5.5, Suu = 5, Svv = 8.75, residuals -0.1, 0.8, -1.3, 0.6. */
    @Test
    void aRegressionDoneByHand_isTheSame() {
        PowerLaw law = fitOfLogarithms(new double[] {0, 1, 2, 3}, new double[] {1, 3, 2, 5}, 1);

        assertThat(law.exponent()).isCloseTo(1.1, within(1e-12));
        assertThat(Math.log(law.coefficient())).isCloseTo(1.1, within(1e-12));
        assertThat(law.rSquared()).isCloseTo(1 - 2.7 / 8.75, within(1e-12));
        assertThat(Math.log1p(law.largestResidual())).isCloseTo(1.3, within(1e-12));
    }

    /** Norris, of NIST's Statistical Reference Datasets, with its certified slope, intercept and R². */
    @Test
    void certifiedValues_areReached() {
        double[] x = {
            0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4, 0.6, 775.5, 666.9, 338.0,
                    447.5,
            11.6, 556.0, 228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8, 339.1, 887.2, 999.0, 779.0, 11.1, 118.3, 229.2,
                    669.1,
            448.9, 0.5
        };
        double[] y = {
            0.1, 338.8, 118.1, 888.0, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1, 778.1, 668.8, 339.3,
                    448.9,
            10.8, 557.7, 228.3, 998.0, 888.8, 119.6, 0.3, 0.6, 557.6, 339.3, 888.0, 998.5, 778.9, 10.2, 117.6, 228.9,
                    668.4,
            449.2, 0.2
        };
        double scale = 0.01; // e^999 is no double

        PowerLaw law = fitOfLogarithms(x, y, scale);

        assertThat(law.exponent()).isCloseTo(1.00211681802045, within(1e-11));
        assertThat(Math.log(law.coefficient()) / scale).isCloseTo(-0.262323073774029, within(1e-9));
        assertThat(law.rSquared()).isCloseTo(0.999993745883712, within(1e-11));
    }

    @Test
    void whatHasNoLine_isRefused() {
        assertThatThrownBy(() -> PowerLaw.fit(new double[] {2, 2}, new double[] {1, 3}))
                .hasMessageContaining("all x are 2.0");
        assertThatThrownBy(() -> PowerLaw.fit(new double[] {2}, new double[] {1}))
                .hasMessageContaining("at least two pairs");
        assertThatThrownBy(() -> PowerLaw.fit(new double[] {1, 2}, new double[] {0, 3}))
                .hasMessageContaining("found 0.0, expected a positive number");
        assertThatThrownBy(() -> PowerLaw.fit(new double[] {1, 2}, new double[] {Double.NaN, 3}))
                .hasMessageContaining("found NaN");
    }

    private static PowerLaw fitOfLogarithms(double[] u, double[] v, double scale) {
        return PowerLaw.fit(
                Arrays.stream(u).map(value -> Math.exp(scale * value)).toArray(),
                Arrays.stream(v).map(value -> Math.exp(scale * value)).toArray());
    }
}
