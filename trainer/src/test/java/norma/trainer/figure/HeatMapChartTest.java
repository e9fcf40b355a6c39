package norma.trainer.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class HeatMapChartTest {
    /** The texts in the picture, from a pattern and not from our own writer. */
    private static final Pattern TEXT = Pattern.compile("<text[^>]*>([^<]*)</text");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -6     | 6      | -6 -4 -2 0 2 4 6
            -0.21  | 0.21   | -0.2 -0.1 0.0 0.1 0.2
            0      | 1      | 0.0 0.2 0.4 0.6 0.8 1.0
            0      | 4.85   | 0 1 2 3 4
            -1e-9  | 1e-9   | -1E-9 -5E-10 0E0 5E-10 1E-9
            """)
    void theColourBarHasAHandfulOfRoundTicks(double low, double high, String ticks) {
        assertThat(ticks(low, high)).containsExactlyInAnyOrder(ticks.split(" "));
    }

    @Test
    void inACountryWithAnotherDecimalMark_theTicksAreTheSame() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(ticks(0, 1)).contains("0.2").doesNotContain("0,2");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void markedColumns_areNumberedAbove_andThoseTooNearToEachOtherTogether() {
        Panel figure = panel(0, 1).markColumns(List.of(381, 308, 310), "marked");
        assertThat(texts(figure)).contains("308, 310", "381", "marked");
    }

    private static List<String> ticks(double low, double high) {
        return texts(panel(low, high)).stream()
                .filter(text -> text.matches("-?[\\d.,]+(E-?\\d+)?"))
                .toList();
    }

    private static List<String> texts(Panel panel) {
        return TEXT.matcher(new Figure("a heat map", "", panel).svg(FigureWidth.TWO_COLUMNS))
                .results()
                .map(match -> match.group(1).strip())
                .toList();
    }

    /** Labelled by letters, so that every number in the picture is one of the colour bar. */
    private static Panel panel(double low, double high) {
        return HeatMapChart.of(
                "",
                "columns",
                java.util.stream.IntStream.range(0, 400).mapToObj(i -> "c").toList(),
                "rows",
                List.of("a", "b"),
                new double[2][400],
                "value",
                HeatMapChart.Scale.DIVERGING,
                low,
                high);
    }
}
