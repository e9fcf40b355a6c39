package norma.trainer.finetuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.datasets.metrics.Metric;
import norma.datasets.tasks.Label;
import norma.datasets.tasks.LabelledExample;
import norma.datasets.tasks.LabelledSplit;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tasks.TaskKind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class EpochScoresTest {
    private static final LabelledSplit SPLIT =
            new LabelledSplit("dev", "a test", List.of(new LabelledExample("a", null, new Label.Target(1))), List.of());
    private static final LabelledTask TASK = new LabelledTask(
            "scores",
            new TaskKind.Regression(),
            SPLIT,
            List.of(SPLIT),
            List.of(Metric.PEARSON, Metric.MEAN_SQUARED_ERROR),
            List.of(Metric.PEARSON));

    private static List<EpochScores> epochs(double... correlations) {
        List<EpochScores> epochs = new ArrayList<>();
        for (double correlation : correlations) {
            Map<Metric, Double> metrics = Map.of(Metric.PEARSON, correlation, Metric.MEAN_SQUARED_ERROR, 1.0 / 3);
            DevScores dev = new DevScores("dev", 0.1 + 0.2, metrics);
            epochs.add(new EpochScores(epochs.size() + 1, 7L * (epochs.size() + 1), 2.0 / 3, List.of(dev)));
        }
        return epochs;
    }

    @Test
    void theBest_isTheFirstOfTheLargest_andAnUndefinedScoreLosesToEveryNumber() {
        assertThat(best(0.1, 0.3, 0.3, 0.2)).hasValue(2);
        assertThat(best(Double.NaN, -0.5)).hasValue(2);
        assertThat(best(-0.5, Double.NaN)).hasValue(1);
    }

    @Test
    void ofUndefinedScores_noneIsTheBest() {
        assertThat(best(Double.NaN)).isEmpty();
        assertThat(best(Double.NaN, Double.NaN)).isEmpty();
    }

    private static Optional<Integer> best(double... correlations) {
        return EpochScores.best(epochs(correlations), TASK).map(EpochScores::epoch);
    }

    @Test
    void whatAResumedRunReads_isBitForBitWhatWasWritten() {
        List<EpochScores> epochs = epochs(1.0 / 7, Double.NaN);
        assertThat(EpochScores.read(json(epochs), TASK)).isEqualTo(epochs);
    }

    private static JsonObject json(List<EpochScores> epochs) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        EpochScores.put(json.putArray("epochs"), epochs);
        return JsonFile.parse(json.toString(), "seed-1/result.json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"epochs\"|\"rounds\"|epochs: found nothing, expected a list of objects",
                "\"epoch\":1|\"epoch\":\"1\"|epochs[0].epoch: found \"1\", expected a whole number from 1 to 2147483647",
                "\"epoch\":2|\"epoch\":3|epochs[1].epoch: found 3, expected number 2: all of them, in their order",
                "\"step\":7,|\"step\":[],|epochs[0].step: found [], expected a whole number of at least 1",
                "\"dev\":{\"dev\"|\"dev\":{\"eval\"|epochs[0].dev.dev: found nothing, expected an object",
                "\"pearson\":0.25|\"pearson\":true|epochs[0].dev.dev.pearson: found true, expected a number or null",
            })
    void whatDoesNotHoldTheScores_isNamedByFileAndKey(String was, String is, String finding) {
        String damaged = json(epochs(0.25, 0.5)).node().toString().replaceFirst(Pattern.quote(was), is);

        assertThatThrownBy(() -> EpochScores.read(JsonFile.parse(damaged, "seed-1/result.json"), TASK))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("seed-1/result.json: " + finding);
    }
}
