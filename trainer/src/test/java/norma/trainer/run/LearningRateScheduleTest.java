package norma.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.LongStream;
import norma.trainer.golden.GoldenFixture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The lists without another source are those of Hugging Face's own tests/optimization/test_optimization.py. */
@Tag("unit")
class LearningRateScheduleTest {
    private static double[] rates(LearningRateSchedule schedule, double peak, int steps) {
        return LongStream.range(0, steps)
                .mapToDouble(step -> peak * schedule.at(step))
                .toArray();
    }

    @Test
    void linear_givesHuggingFacesRates() {
        assertThat(rates(new LearningRateSchedule.Linear(2, 10), 10, 10))
                .containsExactly(0.0, 5.0, 10.0, 8.75, 7.5, 6.25, 5.0, 3.75, 2.5, 1.25);
    }

    @Test
    void cosine_givesHuggingFacesRates() {
        assertThat(rates(new LearningRateSchedule.Cosine(2, 10), 10, 10))
                .containsExactly(new double[] {0.0, 5.0, 10.0, 9.61, 8.53, 6.91, 5.0, 3.08, 1.46, 0.38}, within(1e-2));
    }

    @Test
    void constant_givesHuggingFacesRates() {
        assertThat(rates(new LearningRateSchedule.Constant(4), 10, 10))
                .containsExactly(0.0, 2.5, 5.0, 7.5, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0);
    }

    @Test
    void linear_givesTheRatesOfTheReferenceTraining() {
        JsonNode train = GoldenFixture.of("bert").expected().path("train");
        JsonNode rates = train.path("lr");
        JsonNode optimizer = train.path("optimizer").has("peak_lr") ? train.path("optimizer") : train;
        LearningRateSchedule schedule = new LearningRateSchedule.Linear(
                optimizer.path("warmup_steps").asLong(),
                optimizer.path("total_steps").asLong());
        assertThat(rates.size()).isPositive();
        for (int i = 0; i < rates.size(); i++) {
            assertThat(optimizer.path("peak_lr").asDouble() * schedule.at(i))
                    .isCloseTo(rates.get(i).asDouble(), within(1e-18));
        }
    }

    @Test
    void withoutWarmup_theFirstUpdateHasThePeak() {
        assertThat(new LearningRateSchedule.Linear(0, 4).at(0)).isEqualTo(1);
        assertThat(new LearningRateSchedule.Cosine(0, 4).at(0)).isEqualTo(1);
        assertThat(new LearningRateSchedule.Constant(0).at(0)).isEqualTo(1);
    }

    @Test
    void afterTheEndAndWithNothingButWarmup_ratesStayBetween0And1() {
        assertThat(new LearningRateSchedule.Linear(2, 4).at(9)).isZero();
        assertThat(new LearningRateSchedule.Linear(4, 4).at(4)).isZero();
        assertThat(new LearningRateSchedule.Linear(4, 4).at(3)).isEqualTo(0.75);
        assertThat(new LearningRateSchedule.Cosine(4, 4).at(3)).isEqualTo(0.75);
    }
}
