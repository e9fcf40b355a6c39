package norma.trainer.finetuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import norma.trainer.finetuning.FinetuningSummary.Spread;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class SpreadTest {
    /** R: {@code sd(c(2, 4, 4, 4, 5, 5, 7, 9))} is 2.13809; the population's would be 2. */
    @Test
    void theDeviation_isTheSamples() {
        Spread spread = Spread.of(new double[] {2, 4, 4, 4, 5, 5, 7, 9});
        assertThat(spread.mean()).isEqualTo(5);
        assertThat(spread.deviation()).isCloseTo(2.138089935, within(1e-9));
        assertThat(Spread.of(new double[] {0.5, 0.75}).deviation()).isCloseTo(0.25 / Math.sqrt(2), within(1e-15));
        assertThat(Spread.of(new double[] {3, 3, 3}).deviation()).isZero();
    }

    @Test
    void oneValue_hasNoSpread() {
        assertThat(Spread.of(new double[] {0.8}).mean()).isEqualTo(0.8);
        assertThat(Spread.of(new double[] {0.8}).deviation()).isNaN();
    }
}
