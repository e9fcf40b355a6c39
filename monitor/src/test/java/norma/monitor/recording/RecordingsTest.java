package norma.monitor.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import norma.monitor.TestRun;
import norma.trainer.layernorm.Part;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class RecordingsTest {
    private static final int OUTPUT = 1;
    private static final int HEAD = 3;

    @TempDir
    private Path folder;

    private final CountDownLatch read = new CountDownLatch(1);
    private final Recordings recordings = new Recordings((run, part, done, of) -> {
        if (done >= of) {
            read.countDown();
        }
    });

    @AfterEach
    void close() {
        recordings.close();
    }

    /** What the definition says: the extremes of every recorded value between two steps. */
    private static void requireExtremes(Recordings.Values values, int site, int part) {
        JsonNode header = values.header();
        int width = header.get("width").asInt();
        for (int point = 0; point < header.get("points").asInt(); point++) {
            int from = header.get("steps").get(point).asInt();
            int to = header.get("last_steps").get(point).asInt();
            for (int d = 0; d < width; d++) {
                float min = Float.POSITIVE_INFINITY;
                float max = Float.NEGATIVE_INFINITY;
                for (int step = from; step <= to; step++) {
                    min = Math.min(min, TestRun.value(step, site, part, d));
                    max = Math.max(max, TestRun.value(step, site, part, d));
                }
                assertThat(values.arrays().get(0)[point * width + d])
                        .as("min of %d at %d to %d", d, from, to)
                        .isEqualTo(min);
                assertThat(values.arrays().get(1)[point * width + d]).isEqualTo(max);
            }
        }
    }

    private static void requireCovers(JsonNode header, int lastStep) {
        int expected = 0;
        for (int point = 0; point < header.get("points").asInt(); point++) {
            assertThat(header.get("steps").get(point).asInt()).isEqualTo(expected);
            expected = header.get("last_steps").get(point).asInt() + 1;
        }
        assertThat(expected).isEqualTo(lastStep + 1);
    }

    @Test
    void shortRecording_isShownStepByStep() throws IOException {
        TestRun run = TestRun.recorded(folder.resolve("a"), 120);
        Recordings.Values values = recordings.trajectories(run.files(), OUTPUT, Part.BIAS, 640, 0);
        assertThat(values.header().get("method").asText()).isEqualTo("every recorded step");
        assertThat(values.header().get("complete").asBoolean()).isTrue();
        assertThat(values.header().get("points").asInt()).isEqualTo(121);
        requireCovers(values.header(), 120);
        requireExtremes(values, OUTPUT, 1);
        assertThat(values.arrays().get(0)).isEqualTo(values.arrays().get(1));
    }

    @Test
    void longerThanTheScreen_minAndMaxOfEachStretch() throws IOException {
        TestRun run = TestRun.recorded(folder.resolve("a"), 1500);
        Recordings.Values values = recordings.trajectories(run.files(), OUTPUT, Part.WEIGHT, 100, 0);
        assertThat(values.header().get("points").asInt()).isBetween(50, 100);
        assertThat(values.header().get("method").asText())
                .isEqualTo("min and max of each "
                        + values.header().get("rows_per_point").asInt() + " recorded steps");
        requireCovers(values.header(), 1500);
        requireExtremes(values, OUTPUT, 0);
    }

    @Test
    void recordingThatGrows_isReadOn_andMergedWhenItNoLongerFits() throws IOException {
        TestRun run = TestRun.recorded(folder.resolve("a"), 30);
        recordings.trajectories(run.files(), OUTPUT, Part.WEIGHT, 640, 0);
        int last = 30;
        for (int to : List.of(31, 75, 600, 1300)) {
            run.record(last + 1, to);
            last = to;
            Recordings.Values values = recordings.trajectories(run.files(), OUTPUT, Part.WEIGHT, 640, 0);
            requireCovers(values.header(), to);
            requireExtremes(values, OUTPUT, 0);
        }
    }

    @Test
    void fromAStep_onlyThePointsFromThereOn() throws IOException {
        TestRun run = TestRun.recorded(folder.resolve("a"), 1500);
        Recordings.Values values = recordings.trajectories(run.files(), OUTPUT, Part.WEIGHT, 640, 1400);
        assertThat(values.header().get("steps").get(0).asInt()).isLessThanOrEqualTo(1400);
        assertThat(values.header().get("last_steps").get(0).asInt()).isGreaterThanOrEqualTo(1400);
        requireExtremes(values, OUTPUT, 0);
    }

    @Test
    void recordingThatIsCut_isReadAgain() throws IOException {
        TestRun run = TestRun.recorded(folder.resolve("a"), 400);
        recordings.trajectories(run.files(), OUTPUT, Part.WEIGHT, 640, 0);
        run.cutRecording(210);
        Recordings.Values values = recordings.trajectories(run.files(), OUTPUT, Part.WEIGHT, 640, 0);
        requireCovers(values.header(), 210);
        requireExtremes(values, OUTPUT, 0);
    }

    @Test
    void recordingThatWasCutAndHasGrownSince_isReadAgain() throws IOException {
        TestRun run = TestRun.recorded(folder.resolve("a"), 300);
        Recordings.Values before = recordings.trajectories(run.files(), OUTPUT, Part.WEIGHT, 640, 0);
        Files.writeString(
                run.files().provenance(),
                Files.readString(run.files().provenance())
                        .replace("\"resumed\":[]", "\"resumed\":[{\"from_step\":100}]"));
        Path weights = run.files().layerNorms().resolve("weight");
        Files.copy(weights.resolve("0.0.0"), weights.resolve("4.0.0"), StandardCopyOption.REPLACE_EXISTING);
        Recordings.Values after = recordings.trajectories(run.files(), OUTPUT, Part.WEIGHT, 640, 0);
        assertThat(before.arrays().get(0)[210 * TestRun.WIDTH]).isEqualTo(TestRun.value(210, OUTPUT, 0, 0));
        assertThat(after.arrays().get(0)[210 * TestRun.WIDTH]).isEqualTo(TestRun.value(10, OUTPUT, 0, 0));
    }

    @Test
    void longRecording_isSampledAtFirst_andReadWholeInTheBackground() throws IOException, InterruptedException {
        TestRun run = TestRun.recorded(folder.resolve("a"), 5000); // 101 chunks
        Recordings.Values sample = recordings.trajectories(run.files(), OUTPUT, Part.WEIGHT, 640, 0);
        assertThat(sample.header().get("complete").asBoolean()).isFalse();
        assertThat(sample.header().get("method").asText())
                .isEqualTo("a sample: min and max of 32 stretches of 50 recorded steps, of 5,001 in all");
        assertThat(sample.header().get("steps").get(0).asInt()).isZero();
        assertThat(sample.header().get("last_steps").get(31).asInt()).isEqualTo(5000);
        requireExtremes(sample, OUTPUT, 0);
        assertThat(read.await(60, TimeUnit.SECONDS)).isTrue();
        Recordings.Values whole = recordings.trajectories(run.files(), OUTPUT, Part.WEIGHT, 640, 0);
        assertThat(whole.header().get("complete").asBoolean()).isTrue();
        requireCovers(whole.header(), 5000);
        requireExtremes(whole, OUTPUT, 0);
    }

    @Test
    void chunkThatIsLost_leavesAGapOfNaN() throws IOException {
        TestRun run = TestRun.recorded(folder.resolve("a"), 220);
        Files.delete(run.files().layerNorms().resolve("weight/1.0.0"));
        Recordings.Values values = recordings.trajectories(run.files(), OUTPUT, Part.WEIGHT, 640, 0);
        assertThat(values.arrays().get(0)[60 * TestRun.WIDTH]).isNaN();
        assertThat(values.arrays().get(0)[49 * TestRun.WIDTH]).isEqualTo(TestRun.value(49, OUTPUT, 0, 0));
        assertThat(values.arrays().get(0)[100 * TestRun.WIDTH]).isEqualTo(TestRun.value(100, OUTPUT, 0, 0));
        assertThatThrownBy(() -> recordings.vector(run.files(), OUTPUT, Part.WEIGHT, 60))
                .hasMessageContaining("step 60 is missing");
    }

    @Test
    void vector_isExact_withZByTheDefinition() throws IOException {
        TestRun run = TestRun.recorded(folder.resolve("a"), 220);
        JsonNode vector = recordings.vector(run.files(), OUTPUT, Part.WEIGHT, 217);
        double mean = 0;
        for (int d = 0; d < TestRun.WIDTH; d++) {
            assertThat((float) vector.get("values").get(d).doubleValue()).isEqualTo(TestRun.value(217, OUTPUT, 0, d));
            mean += TestRun.value(217, OUTPUT, 0, d) / (double) TestRun.WIDTH;
        }
        double variance = 0;
        for (int d = 0; d < TestRun.WIDTH; d++) {
            variance += Math.pow(TestRun.value(217, OUTPUT, 0, d) - mean, 2) / TestRun.WIDTH;
        }
        double z = (TestRun.value(217, OUTPUT, 0, 3) - mean) / Math.sqrt(variance);
        assertThat(vector.get("z").get(3).doubleValue()).isCloseTo(z, within(1e-9));
        assertThat(vector.get("step").asInt()).isEqualTo(217);
        assertThat(recordings
                        .vector(run.files(), OUTPUT, Part.WEIGHT, 999_999)
                        .get("step")
                        .asInt())
                .isEqualTo(220);
    }

    @Test
    void heatMap_hasZOfEverySite_andNaNWhereThereIsNoValue() throws IOException {
        TestRun run = TestRun.recorded(folder.resolve("a"), 220);
        Recordings.Values map = recordings.heatMap(run.files(), Part.BIAS, 150);
        float[] z = map.arrays().get(0);
        JsonNode vector = recordings.vector(run.files(), OUTPUT, Part.BIAS, 150);
        for (int d = 0; d < TestRun.WIDTH; d++) {
            assertThat(z[OUTPUT * TestRun.WIDTH + d])
                    .isEqualTo((float) vector.get("z").get(d).doubleValue());
            assertThat(z[HEAD * TestRun.WIDTH + d]).isNaN(); // it has no bias
        }
        assertThat(map.header().get("outliers").toString()).isEqualTo("[3]");
        float[] weights =
                recordings.heatMap(run.files(), Part.WEIGHT, 150).arrays().get(0);
        assertThat(weights[HEAD * TestRun.WIDTH + TestRun.WIDTH - 1]).isNaN(); // it is narrower
    }

    @Test
    void csv_isWhatWasRecorded_digitForDigit() throws IOException {
        TestRun run = TestRun.recorded(folder.resolve("a"), 220);
        StringWriter out = new StringWriter();
        recordings.csv(run.files(), OUTPUT, Part.BIAS, List.of(3, 0), out);
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(222).first().isEqualTo("step,dim_3,dim_0");
        for (int step = 0; step <= 220; step++) {
            String[] cells = lines.get(step + 1).split(",", -1);
            assertThat(cells[0]).isEqualTo(Integer.toString(step));
            assertThat(Float.parseFloat(cells[1])).isEqualTo(TestRun.value(step, OUTPUT, 1, 3));
            assertThat(Float.parseFloat(cells[2])).isEqualTo(TestRun.value(step, OUTPUT, 1, 0));
        }
    }

    @Test
    void questionsThatNothingCanAnswer_areRefusedWithWhatWasExpected() throws IOException {
        TestRun run = TestRun.recorded(folder.resolve("a"), 20);
        assertThatThrownBy(() -> recordings.trajectories(run.files(), 9, Part.BIAS, 640, 0))
                .isInstanceOf(BadQueryException.class)
                .hasMessage("site: found 9, expected from 0 to 3");
        assertThatThrownBy(() -> recordings.trajectories(run.files(), HEAD, Part.BIAS, 640, 0))
                .hasMessage("part: found bias, expected the other one: head has no bias");
        assertThatThrownBy(() -> recordings.require(run.files(), HEAD, Part.WEIGHT, List.of(0, 8)))
                .hasMessage("dimension: found 8, expected from 0 to 7");
        TestRun empty = TestRun.begin(folder.resolve("b"));
        assertThatThrownBy(() -> recordings.description(empty.files())).isInstanceOf(NothingRecordedException.class);
    }
}
