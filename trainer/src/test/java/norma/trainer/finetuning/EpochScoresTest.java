package norma.trainer.finetuning;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import norma.datasets.metrics.Metric;
import norma.datasets.tasks.Label;
import norma.datasets.tasks.LabelledExample;
import norma.datasets.tasks.LabelledSplit;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tasks.TaskKind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

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
        assertThat(EpochScores.best(epochs(0.1, 0.3, 0.3, 0.2), TASK).epoch()).isEqualTo(2);
        assertThat(EpochScores.best(epochs(Double.NaN, -0.5), TASK).epoch()).isEqualTo(2);
        assertThat(EpochScores.best(epochs(-0.5, Double.NaN), TASK).epoch()).isEqualTo(1);
        assertThat(EpochScores.best(epochs(Double.NaN, Double.NaN), TASK).epoch())
                .isEqualTo(1);
    }

    @Test
    void whatAResumedRunReads_isBitForBitWhatWasWritten() throws IOException {
        List<EpochScores> epochs = epochs(1.0 / 7, Double.NaN);
        ArrayNode array = new ObjectMapper().createArrayNode();
        EpochScores.put(array, epochs);
        JsonNode read = new ObjectMapper().readTree(array.toString());
        assertThat(EpochScores.read(read, TASK)).isEqualTo(epochs);
    }
}
