package norma.trainer.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import norma.datasets.base.InvalidInputException;
import norma.trainer.run.RunListener;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class LongRunBenchmarkTest {
    private static final long STEPS = 1000;
    private static final int COMPARISONS = 4;

    private final List<Long> compared = new ArrayList<>();
    private long now;

    @Test
    void aMachineThatBecomesSlower_isNoDrift() {
        LongToDoubleFunction machine = step -> 1 + step / 500.0;

        LongRunBenchmark benchmark = run(machine, machine, 1);

        assertThat(benchmark.last().seconds().median())
                .isGreaterThan(2 * benchmark.first().seconds().median());
        assertThat(benchmark.drift()).isCloseTo(0, within(0.01));
    }

    @Test
    void aRunThatBecomesSlower_isDrift() {
        LongRunBenchmark benchmark = run(step -> step <= 900 ? 2 : 2.5, step -> 1, 1);

        assertThat(benchmark.first().ratio()).isEqualTo(new Spread(2, 2, 2));
        assertThat(benchmark.last().ratio()).isEqualTo(new Spread(2.5, 2.5, 2.5));
        assertThat(benchmark.drift()).isCloseTo(0.25, within(1e-12));
    }

    @Test
    void comparisons_lieInTheMiddlesOfTheStretchesOfBothTenths() {
        LongRunBenchmark benchmark = run(step -> step, step -> 1, 1);

        assertThat(compared).containsExactly(12L, 37L, 62L, 87L, 912L, 937L, 962L, 987L);
        assertThat(benchmark.first().stretches())
                .extracting(LongRunBenchmark.Stretch::from)
                .containsExactly(1L, 26L, 51L, 76L);
        assertThat(benchmark.last().stretches())
                .extracting(LongRunBenchmark.Stretch::to)
                .containsExactly(925L, 950L, 975L, 1000L);
        assertThat(benchmark.first().stretches().get(0).seconds()).isEqualTo(new Spread(1, 13, 25));
        assertThat(benchmark.last().stretches().get(3).seconds()).isEqualTo(new Spread(976, 988, 1000));
    }

    /** As on a GPU, where the loss is looked at now and then. */
    @Test
    void stepsThatAreNotTold_endTheStretchesAllTheSame() {
        LongRunBenchmark benchmark = run(step -> step <= 900 ? 2 : 3, step -> 1, 7);

        assertThat(benchmark.first().stretches()).hasSize(COMPARISONS);
        assertThat(benchmark.last().stretches()).hasSize(COMPARISONS);
        assertThat(compared).hasSize(2 * COMPARISONS);
        assertThat(benchmark.drift()).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void aRunTooShortForItsComparisons_isRefused() {
        assertThatThrownBy(() -> new LongRunBenchmark(399, 4, config -> 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("training: steps: found 399, expected at least 400");
    }

    private LongRunBenchmark run(LongToDoubleFunction seconds, LongToDoubleFunction fresh, int look) {
        LongRunBenchmark benchmark = new LongRunBenchmark(STEPS, COMPARISONS, config -> {
            compared.add(now);
            return fresh.applyAsDouble(now);
        });
        RunListener listener = benchmark.inFrontOf(RunListener.NONE);
        for (long step = 1; step <= STEPS; step++) {
            if (step % look == 0 || step == STEPS) {
                now = step;
                listener.step(step, STEPS, null, look, seconds.applyAsDouble(step));
            }
        }
        return benchmark;
    }
}
