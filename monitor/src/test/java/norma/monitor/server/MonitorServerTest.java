package norma.monitor.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import norma.monitor.TestRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class MonitorServerTest {
    @TempDir
    private Path runs;

    private TestServer server;

    @BeforeEach
    void start() {
        server = new TestServer(runs);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void noRuns_isAnEmptyList() throws Exception {
        JsonNode list = server.json("/api/runs");
        assertThat(list.path("runs")).isEmpty();
        assertThat(list.path("folder").asText()).isEqualTo(runs.toString());
    }

    @Test
    void list_saysOfEachRunHowItIs() throws Exception {
        TestRun.recorded(runs.resolve("a"), 300);
        TestRun damaged = TestRun.recorded(runs.resolve("b"), 20);
        Files.writeString(damaged.files().config(), "seed: [1\n");
        Thread.sleep(150); // an answer is made from a look that may be a tenth of a second old
        JsonNode list = server.json("/api/runs").path("runs");
        assertThat(list).hasSize(2);
        JsonNode whole = list.get(0);
        assertThat(whole.path("step").asInt()).isEqualTo(300);
        assertThat(whole.path("steps").asInt()).isEqualTo(500);
        assertThat(whole.path("loss").asDouble()).isEqualTo(TestRun.loss(300));
        assertThat(whole.path("validation_loss").asDouble()).isEqualTo(2 * TestRun.loss(300));
        assertThat(whole.path("outliers").asInt()).isEqualTo(1);
        assertThat(whole.path("architecture").asText()).isEqualTo("bert");
        assertThat(list.get(1).path("state").asText()).isEqualTo("unreadable");
        assertThat(list.get(1).path("sentence").asText()).contains("config.yaml");
    }

    @Test
    void run_saysSitesLevelsAndWhatToDo() throws Exception {
        TestRun.recorded(runs.resolve("a"), 300);
        JsonNode run = server.json("/api/runs/a");
        assertThat(run.path("sites")).hasSize(4);
        assertThat(run.path("sites").get(1).path("kind").asText()).isEqualTo("output");
        assertThat(run.path("sites").get(3).path("bias").asBoolean()).isFalse();
        assertThat(run.path("recorded").path("last_step").asInt()).isEqualTo(300);
        assertThat(run.path("unigram_entropy").asDouble()).isEqualTo(6.25);
        assertThat(run.path("config_values").path("training.steps").asInt()).isEqualTo(500);
        assertThat(run.path("outliers_now")
                        .path("dimensions")
                        .get(0)
                        .path("dimension")
                        .asInt())
                .isEqualTo(3);
        assertThat(run.path("commands").path("outliers").asText()).startsWith("norma outliers ");
        assertThat(run.path("probes").path("outliers").isNull()).isTrue();
    }

    @Test
    void aRunWithoutRecording_isShown_withoutSites() throws Exception {
        TestRun.begin(runs.resolve("a"));
        JsonNode run = server.json("/api/runs/a");
        assertThat(run.path("sites")).isEmpty();
        assertThat(run.path("recorded").isNull()).isTrue();
        assertThat(server.get("/api/runs/a/heatmap?part=weight").statusCode()).isEqualTo(409);
    }

    @Test
    void aDamagedRecording_isASentence_andTheRestIsShown() throws Exception {
        TestRun run = TestRun.recorded(runs.resolve("a"), 300);
        Files.writeString(run.files().layerNorms().resolve("weight/.zarray"), "{");
        JsonNode shown = server.json("/api/runs/a");
        assertThat(shown.path("recording_problem").asText()).contains(".zarray");
        assertThat(server.json("/api/runs/a/metrics").path("training").path("step"))
                .hasSize(30);
        HttpResponse<String> refused = server.get("/api/runs/a/heatmap?part=weight");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(TestServer.parse(refused.body()).path("error").asText()).contains(".zarray");
    }

    @Test
    void trajectories_comeAsFloats() throws Exception {
        TestRun.recorded(runs.resolve("a"), 100);
        HttpResponse<byte[]> answer = server.bytes("/api/runs/a/trajectories?site=1&part=weight");
        ByteBuffer bytes = ByteBuffer.wrap(answer.body()).order(ByteOrder.LITTLE_ENDIAN);
        int length = bytes.getInt();
        assertThat(length % 4).isZero();
        JsonNode header = TestServer.parse(new String(answer.body(), 4, length, StandardCharsets.UTF_8));
        assertThat(header.path("points").asInt()).isEqualTo(101);
        assertThat(answer.body()).hasSize(4 + length + 2 * 101 * TestRun.WIDTH * 4);
        bytes.position(4 + length + (57 * TestRun.WIDTH + 3) * 4);
        assertThat(bytes.getFloat()).isEqualTo(TestRun.value(57, 1, 0, 3));
    }

    @Test
    void comparison_hasTheKeysThatDiffer() throws Exception {
        TestRun.recorded(runs.resolve("a"), 100);
        TestRun other = TestRun.recorded(runs.resolve("b"), 50);
        Files.writeString(
                other.files().config(), Files.readString(other.files().config()).replace("seed: 7", "seed: 8"));
        JsonNode comparison = server.json("/api/compare?run=a&run=b");
        assertThat(comparison.path("differences").toString())
                .isEqualTo("[{\"key\":\"seed\",\"values\":{\"a\":7,\"b\":8}}]");
        assertThat(comparison
                        .path("runs")
                        .get(1)
                        .path("metrics")
                        .path("training")
                        .path("step"))
                .hasSize(5);
    }

    @Test
    @Timeout(60)
    void whatARunAdds_isTold_andNothingTwice() throws Exception {
        whileShown((run, events) -> {
            assertThat(next(events, "hello").path("folder").asText()).isEqualTo(runs.toString());
            run.log(110, 130);
            JsonNode added = next(events, "metrics");
            assertThat(firstStep(added)).isEqualTo(110);
            assertThat(added.path("run").asText()).isEqualTo("a");
            run.record(101, 130);
            JsonNode recording = next(events, "recording");
            while (recording.path("last_step").asInt() == 100) { // what the first look found
                recording = next(events, "recording");
            }
            assertThat(recording.path("last_step").asInt()).isEqualTo(130);
            TestRun.begin(runs.resolve("b"));
            assertThat(next(events, "runs").path("runs").get(0).path("id").asText())
                    .isEqualTo("b");
        });
    }

    /** It looks by itself every ten seconds. */
    @Test
    @Timeout(60)
    void askedToLook_itTellsWhatIsNew_withoutWaitingForItsTime() throws Exception {
        whileShown((run, events) -> {
            next(events, "hello");
            next(events, "recording"); // of the look that a new page begins with
            TimeUnit.MILLISECONDS.sleep(300); // one look counts for all that ask at once
            long began = System.nanoTime();
            run.log(110, 130);
            assertThat(server.json("/api/look")).isEmpty();
            assertThat(firstStep(next(events, "metrics"))).isEqualTo(110);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        });
    }

    /** What a page is told of a run. */
    private interface Shown {
        void follow(TestRun run, Iterator<String> events) throws Exception;
    }

    /** Follows what a page is told that shows a run of 100 recorded steps. */
    private void whileShown(Shown page) throws Exception {
        TestRun run = TestRun.recorded(runs.resolve("a"), 100);
        server.get("/api/runs/a/metrics");
        try (Stream<String> lines = server.lines("/api/events?run=a").body()) {
            page.follow(run, lines.iterator());
        }
    }

    private static int firstStep(JsonNode metrics) {
        return metrics.path("training").path("step").get(0).asInt();
    }

    /** The data of the next event of a name; those of other names are passed over. */
    private static JsonNode next(Iterator<String> lines, String name) throws IOException {
        while (lines.hasNext()) {
            if (lines.next().equals("event: " + name)) {
                String data = lines.next();
                JsonNode json = TestServer.parse(data.substring("data: ".length()));
                boolean ofAnother = name.equals("runs")
                        && !json.path("runs").path(0).path("id").asText().equals("b");
                if (!ofAnother) {
                    return json;
                }
            }
        }
        throw new AssertionError("no event " + name);
    }

    @Test
    void sweep_isWhatItsFileSays_andADamagedOneIsAProblem() throws Exception {
        Path sweep = Files.createDirectories(runs.resolve("group/lr"));
        assertThat(server.json("/api/sweeps/group%2Flr").path("result").isNull())
                .isTrue();
        Files.writeString(sweep.resolve("sweep.json"), "{\"points\": [], \"runs\": [{\"run\": \"a\"}]}");
        JsonNode whole = server.json("/api/sweeps/group%2Flr");
        assertThat(whole.path("result").path("runs").get(0).path("run").asText())
                .isEqualTo("a");
        assertThat(whole.path("written").asText()).startsWith("20");

        Files.writeString(sweep.resolve("sweep.json"), "{\"points\": 3}");
        assertThat(server.json("/api/sweeps/group%2Flr").path("problem").asText())
                .isEqualTo("group/lr/sweep.json: has no points and runs, expected what norma sweep writes");
        Files.writeString(sweep.resolve("sweep.json"), "{");
        assertThat(server.json("/api/sweeps/group%2Flr").path("problem").asText())
                .contains("sweep.json");
        assertThat(server.get("/api/sweeps/nothing").statusCode()).isEqualTo(404);
        assertThat(server.get("/api/sweeps/..%2F..").statusCode()).isEqualTo(404);
    }
}
