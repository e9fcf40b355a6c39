package norma.probes.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class NumbersTest {
    @ParameterizedTest
    @CsvSource({
        "308, 308",
        "-3, -3",
        "0, 0",
        "-4.25, -4.250",
        "13.8123, 13.812",
        "0.5, 0.5000",
        "0.0123456, 0.01235",
        "0.000123456, 0.0001235",
        "0.0000123456, 1.235e-05",
        "-3.2e-17, -3.200e-17",
        "1234567.5, 1.235e+06",
        "1e300, 1.000e+300",
        "Infinity, Infinity",
        "NaN, –"
    })
    void smallNumbersKeepTheirDigits(double value, String shown) {
        assertThat(Numbers.of(value)).isEqualTo(shown);
    }

    @Test
    void lossesHaveFourDecimals() {
        assertThat(Numbers.loss(5)).isEqualTo("5.0000");
        assertThat(Numbers.loss(2.44234)).isEqualTo("2.4423");
        assertThat(Numbers.loss(Double.NaN)).isEqualTo("–");
    }
}
