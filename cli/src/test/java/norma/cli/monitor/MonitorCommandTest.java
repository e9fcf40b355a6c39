package norma.cli.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import norma.cli.CommandLineRun;
import norma.cli.NormaProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
class MonitorCommandTest {
    private static final Pattern ADDRESS = Pattern.compile("http://\\S+");

    @TempDir
    private Path folder;

    @Test
    void json_listsRunsAndTheirStates_withoutAServer() throws IOException {
        Path run = CommandLineRun.tinyRun(folder);
        Path damaged = Files.createDirectory(run.resolveSibling("b"));
        Files.writeString(damaged.resolve("config.yaml"), "training: [\n");
        CommandLineRun listed = CommandLineRun.of("monitor", run.getParent(), "--json");
        assertThat(listed.code()).as(listed.err()).isZero();
        JsonNode runs = listed.json().path("runs");
        assertThat(runs).hasSize(2);
        assertThat(runs.get(0).path("id").asText()).isEqualTo("a");
        assertThat(runs.get(0).path("state").asText()).isEqualTo("finished");
        assertThat(runs.get(0).path("step").asInt()).isEqualTo(6);
        assertThat(runs.get(0).path("steps").asInt()).isEqualTo(6);
        assertThat(runs.get(1).path("state").asText()).isEqualTo("unreadable");
        assertThat(runs.get(1).path("sentence").asText()).contains("config.yaml");
    }

    @Test
    void json_ofAFolderWithoutRuns_isAnEmptyList() throws IOException {
        CommandLineRun listed = CommandLineRun.of("monitor", folder, "--json");
        assertThat(listed.code()).isZero();
        assertThat(listed.json().path("runs")).isEmpty();
    }

    @Test
    void badInput_isRefusedInOneSentence() throws IOException {
        CommandLineRun.of("monitor", folder.resolve("none")).assertRefused("none: no such folder, expected the folder");
        Path file = Files.writeString(folder.resolve("file"), "text");
        CommandLineRun.of("monitor", file).assertRefused("file: is no folder");
        Path run = Files.createDirectory(folder.resolve("run"));
        Files.writeString(run.resolve("config.yaml"), "seed: 1\n");
        CommandLineRun.of("monitor", run).assertRefused("is the folder of one run");
        CommandLineRun.of("monitor", folder, "--port", 70_000).assertRefused("--port: found 70000");
        CommandLineRun.of("monitor", folder, "--port", "x").assertRefused("--port");
        CommandLineRun.of("monitor", folder, "--token", "short").assertRefused("--token: found 5 characters");
        CommandLineRun.of("monitor", folder, "--host", "192.0.2.1").assertRefused("--host: found 192.0.2.1");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandLineRun.of("monitor", folder, "--port", taken.getLocalPort())
                    .assertRefused("--port: found " + taken.getLocalPort() + ", which is taken");
        }
    }

    @Test
    @Timeout(120)
    void anAddressThatOthersReach_isPrintedWithAToken_andNothingIsAnsweredWithout() throws Exception {
        Path output = folder.resolve("output.txt");
        NormaProcess monitor = NormaProcess.start(output, "monitor", folder, "--host", "0.0.0.0", "--port", 0);
        try {
            monitor.await(() -> address(output) != null);
            URI address = URI.create(address(output));
            assertThat(address.getQuery()).matches("token=[A-Za-z0-9_-]{32}");
            URI local = URI.create("http://127.0.0.1:" + address.getPort() + "/api/runs");
            HttpClient client = HttpClient.newHttpClient();
            assertThat(client.send(HttpRequest.newBuilder(local).build(), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(401);
            HttpRequest shown = HttpRequest.newBuilder(local)
                    .header("Authorization", "Bearer " + address.getQuery().substring("token=".length()))
                    .build();
            HttpResponse<String> answer = client.send(shown, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"runs\":[]");
        } finally {
            monitor.kill();
        }
        assertThat(Files.readString(output)).contains("no runs yet").doesNotContain("Javalin", "Jetty", "INFO");
    }

    private static String address(Path output) {
        try {
            Matcher matcher = ADDRESS.matcher(Files.readString(output));
            return matcher.find() ? matcher.group() : null;
        } catch (IOException e) {
            return null;
        }
    }
}
