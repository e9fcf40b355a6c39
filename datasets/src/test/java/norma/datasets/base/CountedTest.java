package norma.datasets.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class CountedTest {
    @Test
    void oneIsSingular_andEveryOtherNumberPlural() {
        assertThat(Counted.of(1, "seed")).isEqualTo("1 seed");
        assertThat(Counted.of(0, "checkpoint")).isEqualTo("0 checkpoints");
        assertThat(Counted.of(12_000, "held-out sequence")).isEqualTo("12,000 held-out sequences");
    }
}
