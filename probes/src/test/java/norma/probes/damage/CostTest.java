package norma.probes.damage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What counts as catastrophic, by hand. */
@Tag("unit")
class CostTest {
    @Test
    void catastrophic_isANatAndTenTimesRandom() {
        assertThat(new Cost(2.38, 0.0006).catastrophic()).as("BERT-base").isTrue();
        assertThat(new Cost(1, 0.1).catastrophic()).isTrue();
        assertThat(new Cost(0.99, 0.0001).catastrophic()).isFalse();
        assertThat(new Cost(1.5, 0.16).catastrophic()).isFalse();
        assertThat(new Cost(1.5, -0.01).catastrophic()).isTrue();
        assertThat(new Cost(1.5, Double.NaN).catastrophic())
                .as("nothing to compare with")
                .isFalse();
        assertThat(new Cost(1.5, -0.01).timesRandom()).isNaN();
        assertThat(new Cost(1.5, 0.1).timesRandom()).isCloseTo(15, within(1e-9));
    }
}
