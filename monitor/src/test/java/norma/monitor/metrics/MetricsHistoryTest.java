package norma.monitor.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import norma.monitor.TestRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class MetricsHistoryTest {
    @TempDir
    private Path folder;

    private Path file;
    private MetricsHistory history;

    @BeforeEach
    void open() {
        file = folder.resolve("metrics.jsonl");
        history = new MetricsHistory(file);
    }

    private void append(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        history.readOn();
    }

    private static List<Integer> steps(JsonNode table) {
        List<Integer> steps = new ArrayList<>();
        table.path("step").forEach(step -> steps.add(step.asInt()));
        return steps;
    }

    @Test
    void noFile_isAnEmptyHistory() {
        history.readOn();
        assertThat(history.problem()).isEmpty();
        assertThat(history.json(100).path("rows").asInt()).isZero();
    }

    @Test
    void aLineThatIsBeingWritten_waitsForItsEnd() throws IOException {
        String line = TestRun.line(10);
        append(line.substring(0, 40));
        assertThat(history.place().training()).isZero();
        append(line.substring(40));
        assertThat(history.place().training()).isZero();
        append("\n" + TestRun.line(20) + "\n");
        assertThat(steps(history.json(100).path("training"))).containsExactly(10, 20);
        assertThat(history.json(100).path("training").path("loss").get(1).asDouble())
                .isEqualTo(TestRun.loss(20));
    }

    @Test
    void sinceAPlace_onlyTheRowsThatWereAdded() throws IOException {
        append(TestRun.line(90) + "\n");
        MetricsHistory.Place place = history.place();
        append(TestRun.line(100) + "\n" + TestRun.line(110) + "\n");
        JsonNode added = history.since(place);
        assertThat(steps(added.path("training"))).containsExactly(100, 110);
        assertThat(steps(added.path("validation"))).containsExactly(100);
        assertThat(added.path("validation").path("loss").get(0).asDouble()).isEqualTo(2 * TestRun.loss(100));
    }

    @Test
    void aFileThatWasCutAndWrittenOn_isReadAgain() throws IOException {
        append(TestRun.line(10) + "\n" + TestRun.line(20) + "\n" + TestRun.line(30) + "\n");
        int resets = history.place().resets();
        Files.writeString(file, TestRun.line(10) + "\n" + TestRun.line(25) + "\n" + TestRun.line(35) + "\n");
        append(TestRun.line(45) + "\n"); // longer than before: only the last line tells
        assertThat(steps(history.json(100).path("training"))).containsExactly(10, 25, 35, 45);
        assertThat(history.place().resets()).isEqualTo(resets + 1);
    }

    @Test
    void aFileThatIsGone_isEmptyAgain() throws IOException {
        append(TestRun.line(10) + "\n");
        Files.delete(file);
        history.readOn();
        assertThat(history.place().training()).isZero();
        append(TestRun.line(10) + "\n");
        assertThat(history.place().training()).isEqualTo(1);
    }

    @Test
    void aDamagedLine_isNamed_andThoseBeforeItStay() throws IOException {
        append(TestRun.line(10) + "\n{\"step\":20,\"loss\n" + TestRun.line(30) + "\n");
        assertThat(history.place().training()).isEqualTo(1);
        assertThat(history.problem().orElseThrow()).contains("metrics.jsonl", "line 2");
    }

    @Test
    void nullAndNotFinite_areNull() throws IOException {
        append("{\"step\":10,\"loss\":null,\"grad_norm\":1.5}\n");
        JsonNode training = history.json(10).path("training");
        assertThat(training.path("loss").get(0).isNull()).isTrue();
        assertThat(training.path("grad_norm").get(0).asDouble()).isEqualTo(1.5);
    }

    @Test
    void moreRowsThanPoints_eachGroupHasItsMinAndMaxInTheirOrder() throws IOException {
        StringBuilder lines = new StringBuilder();
        double[] losses = new double[1000];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = Math.sin(i * 0.7) + i % 13;
            lines.append("{\"step\":")
                    .append(i)
                    .append(",\"loss\":")
                    .append(losses[i])
                    .append("}\n");
        }
        append(lines.toString());
        JsonNode json = history.json(100);
        JsonNode training = json.path("training");
        assertThat(json.path("downsampled").path("training").path("method").asText())
                .isEqualTo("min and max of each 20 logged steps");
        assertThat(training.path("step")).hasSize(100);
        for (int group = 0; group < 50; group++) {
            int least = group * 20;
            int largest = least;
            for (int i = group * 20; i < group * 20 + 20; i++) {
                least = losses[i] < losses[least] ? i : least;
                largest = losses[i] > losses[largest] ? i : largest;
            }
            assertThat(training.path("step").get(2 * group).asInt()).isEqualTo(group * 20);
            assertThat(training.path("loss").get(2 * group).asDouble()).isEqualTo(losses[Math.min(least, largest)]);
            assertThat(training.path("loss").get(2 * group + 1).asDouble()).isEqualTo(losses[Math.max(least, largest)]);
        }
    }

    @Test
    void outlierDimensions_areGivenWhereTheyChange() throws IOException {
        for (int step = 180; step <= 220; step += 10) {
            append(TestRun.line(step) + "\n");
        }
        JsonNode changes = history.outlierDimensions(100).path("changes");
        assertThat(changes.toString())
                .isEqualTo("[{\"step\":180,\"dimensions\":[]},{\"step\":200,\"dimensions\":[3]}]");
    }

    @Test
    void plateau_isThatOfTheEmergenceProbe() throws IOException {
        append("""
                {"step":0,"validation":{"mlm_loss":8.0,"context_free_loss":6.0}}
                {"step":100,"validation":{"mlm_loss":6.05,"context_free_loss":6.0}}
                {"step":200,"validation":{"mlm_loss":5.7,"context_free_loss":6.0}}
                """);
        JsonNode plateau = history.plateau();
        assertThat(plateau.path("since_step").asInt()).isEqualTo(100);
        assertThat(plateau.path("left_step").asInt()).isEqualTo(200);
        assertThat(plateau.path("sentence").asText()).startsWith("On the plateau");
    }

    @Test
    void aSampleOfALongFile_hasWholeLinesFromAllOfIt() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int step = 0; step < 20_000; step += 10) {
            lines.append(TestRun.line(step)).append('\n');
        }
        Files.writeString(file, lines);
        MetricsHistory sample = SampledLines.read(file, 50);
        List<Integer> steps = steps(sample.json(100).path("training"));
        assertThat(steps).hasSize(50).isSorted().startsWith(0);
        assertThat(steps.get(49)).isGreaterThan(19_000);
        for (int i = 1; i < 50; i++) {
            assertThat(steps.get(i) - steps.get(i - 1)).isBetween(300, 500);
        }
    }

    @Test
    void theEndOfALongFile_isEnoughForTheList() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int step = 0; step <= 20_000; step += 10) {
            lines.append(TestRun.line(step)).append('\n');
        }
        Files.writeString(file, lines);
        LatestMetrics latest = new LatestMetrics(file);
        latest.readOn();
        assertThat(latest.last().orElseThrow().step()).isEqualTo(20_000);
        assertThat(latest.validationLoss()).isEqualTo(2 * TestRun.loss(20_000));
        assertThat(latest.secondsPerStep()).isEqualTo(0.5);
        assertThat(latest.outliers()).isEqualTo(1);
        Files.writeString(file, TestRun.line(20_010) + "\n", StandardOpenOption.APPEND);
        latest.readOn();
        assertThat(latest.last().orElseThrow().step()).isEqualTo(20_010);
    }
}
