package norma.trainer.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.data.Range;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class TicksAxisTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            5.2 | 9.2   | 200 500 1,000 2,000 5,000
            0   | 10.5  | 1 10 100 1,000 10,000
            5.5 | 5.7   | 250 260 270 280 290
            0.1 | 0.2   | 1.12 1.14 1.16 1.18 1.2 1.22
            0   | 40    | 1 1,000 1,000,000 1e+09 1e+12 1e+15
            """)
    void perplexitiesAreRound_andStandAtTheirLogarithm(double low, double high, String labels) {
        List<NumberTick> ticks = ticks(TicksAxis.perplexity(new Range(low, high)));
        assertThat(ticks).extracting(NumberTick::getText).containsExactly(labels.split(" "));
        for (NumberTick tick : ticks) {
            double perplexity = Double.parseDouble(tick.getText().replace(",", ""));
            assertThat(Math.exp(tick.getValue())).isCloseTo(perplexity, within(1e-9 * perplexity));
        }
    }

    @Test
    void ofALossThatHasExploded_thereAreAFewTicksStill() {
        assertThat(ticks(TicksAxis.perplexity(new Range(5, 1e6)))).hasSizeLessThan(9);
    }

    @Test
    void columnsThatAreNear_shareALabel_andEachHasItsTick() {
        List<NumberTick> ticks = ticks(TicksAxis.columns("", new Range(-0.5, 767.5), List.of(381, 308, 310, 767)));
        assertThat(ticks).extracting(NumberTick::getText).containsExactly("308, 310", "", "381", "767");
        assertThat(ticks).extracting(NumberTick::getValue).containsExactly(308.0, 310.0, 381.0, 767.0);
    }

    private static List<NumberTick> ticks(TicksAxis axis) {
        return axis.refreshTicks(null, null, null, RectangleEdge.RIGHT);
    }
}
