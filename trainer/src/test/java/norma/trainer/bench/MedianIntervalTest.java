package norma.trainer.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MedianIntervalTest {
    /**
     * Ranks of the published tables for 95 % (Hahn and Meeker, Statistical Intervals; two-sided, for the 0.5 quantile).
     */
    @ParameterizedTest
    @CsvSource({
        "6, 1, 6",
        "8, 1, 8",
        "9, 2, 8",
        "10, 2, 9",
        "15, 4, 12",
        "20, 6, 15",
        "25, 8, 18",
        "30, 10, 21",
        "40, 14, 27",
        "50, 18, 33"
    })
    void ranksOfTheTables(int count, int low, int high) {
        assertThat(MedianInterval.of(oneTo(count))).contains(new MedianInterval(low, high));
    }

    @Test
    void fewerThanSix_none() {
        assertThat(MedianInterval.of(oneTo(5))).isEmpty();
        assertThat(MedianInterval.of(List.of())).isEmpty();
    }

    private static List<Double> oneTo(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(each -> (double) each).toList();
    }
}
