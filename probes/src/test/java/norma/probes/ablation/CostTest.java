package norma.probes.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What counts as catastrophic, and when there is a ratio, by hand. */
@Tag("unit")
class CostTest {
    @Test
    void catastrophic_isANatAndTenTimesRandom() {
        assertThat(new Cost(2.38, 0.0006, 0.001).catastrophic()).as("BERT-base").isTrue();
        assertThat(new Cost(1, 0.1, 0.01).catastrophic()).isTrue();
        assertThat(new Cost(0.99, 0.0001, 0).catastrophic()).isFalse();
        assertThat(new Cost(1.5, 0.16, 0.01).catastrophic()).isFalse();
        assertThat(new Cost(1.5, -0.01, 0.01).catastrophic()).isTrue();
        assertThat(new Cost(1.5, Double.NaN, Double.NaN).catastrophic())
                .as("nothing to compare with")
                .isFalse();
    }

    @Test
    void theRatio_isThatOfTheTwoCosts() {
        assertThat(new Cost(1.5, 0.1, 0.02).ratio()).isCloseTo(15, within(1e-9));
        assertThat(new Cost(0, 0.1, 0.02).ratio()).isZero();
        assertThat(new Cost(1.5, 0.1, 0).ratio()).as("of all others").isCloseTo(15, within(1e-9));
    }

    @Test
    void thereIsNoRatio_whereWhatTheOthersCostMayBeChance_orTheModelGains() {
        assertThat(new Cost(1.5, -0.01, 0.001).ratio()).isNaN();
        assertThat(new Cost(1.5, 0, 0).ratio()).isNaN();
        assertThat(new Cost(1.5, 0.01, 0.0051).ratio())
                .as("less than two standard errors above 0")
                .isNaN();
        assertThat(new Cost(1.5, 0.01, 0.0049).ratio()).isCloseTo(150, within(1e-9));
        assertThat(new Cost(1.5, 0.01, Double.NaN).ratio()).as("of one draw").isNaN();
        assertThat(new Cost(1.5, Double.NaN, Double.NaN).ratio()).isNaN();
        assertThat(new Cost(-0.03, 0.01, 0.001).ratio())
                .as("without them the loss falls")
                .isNaN();
    }

    @Test
    void theStandardError_isTheSampleDeviationOverTheRootOfTheNumber() {
        // of 1, 2 and 3: population deviation √(2/3), sample deviation 1, over √3
        assertThat(Cost.error(Math.sqrt(2 / 3.0), 3)).isCloseTo(1 / Math.sqrt(3), within(1e-12));
        assertThat(Cost.error(0, 1)).isNaN();
        assertThat(Cost.error(Double.NaN, 0)).isNaN();
    }
}
