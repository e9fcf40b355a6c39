package norma.monitor.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import norma.monitor.TestRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server must not do, asked for byte by byte where a client library would put it right. */
@Tag("unit")
class MonitorSafetyTest {
    private static final String SECRET = "secret of another folder";
    private static final String TOKEN = "abcdefghijklmnopqrstuvwx";

    @TempDir
    private static Path made;

    @TempDir
    private Path folder;

    private Path runs;
    private TestServer server;

    @BeforeAll
    static void make() throws IOException {
        TestRun.recorded(made.resolve("runs").resolve("a"), 60);
        // Beside the runs: a run that must not be reached, and a text that must not be read.
        TestRun outside = TestRun.recorded(made.resolve("outside"), 60);
        Files.writeString(outside.files().config(), "# " + SECRET + "\nseed: 1\n");
        Files.writeString(made.resolve("secret.txt"), SECRET);
    }

    @BeforeEach
    void start() throws IOException {
        try (Stream<Path> all = Files.walk(made)) {
            for (Path path : all.toList()) {
                Path copy = folder.resolve(made.relativize(path).toString());
                if (!Files.exists(copy)) {
                    Files.copy(path, copy);
                }
            }
        }
        runs = folder.resolve("runs");
        server = new TestServer(runs);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                "../outside",
                "..%2foutside",
                "..%2Foutside",
                "%2e%2e/outside",
                "%2e%2e%2foutside",
                "%252e%252e%252foutside",
                "..%252foutside",
                "%2e%2e%5coutside",
                "..%5coutside",
                "..\\outside",
                "a/../../outside",
                "a%2f..%2f..%2foutside",
                "a%2f%2e%2e%2f%2e%2e%2foutside",
                "./a",
                "%2e%2fa",
                "a%2f",
                "%2fa",
                "%2fetc%2fpasswd",
                "/etc/passwd",
                "//etc/passwd",
                "a%00",
                "a%00.json",
                "%00",
                "a%0a",
                "%c0%ae%c0%ae%c0%afoutside",
                "%u002e%u002e%u002foutside",
                "..;/outside",
                "a;/../../outside",
                "~",
                ".cache",
                "%2ecache",
                "",
                "%",
                "%zz",
                "a%2fcheckpoints",
                "a%2fa%2fa%2fa%2fa%2fa"
            })
    void noPathLeadsOut(String id) throws IOException {
        for (String what : List.of("", "/metrics", "/trajectories?site=0&part=weight", "/probes")) {
            String answer = server.rawGet("/api/runs/" + id + what);
            assertThat(answer).doesNotContain(SECRET).doesNotContain("root:");
            assertThat(answer).as(id + what).containsPattern("^HTTP/1.1 (400|404)");
        }
        assertThat(server.rawGet("/" + id)).doesNotContain(SECRET).doesNotContain("root:");
        assertThat(server.rawGet("/page/" + id)).doesNotContain(SECRET).doesNotContain("root:");
        assertThat(server.rawGet("/webjars/uplot/" + id)).doesNotContain(SECRET).doesNotContain("root:");
        assertThat(server.rawGet("/api/compare?run=a&run=" + id.replace("\\", "%5c")))
                .doesNotContain(SECRET);
    }

    @Test
    void runOfAnyLegalName_isReached_byItsNameOnly() throws Exception {
        for (String name :
                List.of("a b", "a+b", "100%", "a%2fb", "<img src=x onerror=alert(1)>", "ä-日本", "a&b=c", "a#b?c")) {
            TestRun.recorded(runs.resolve(name), 20);
            String id = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
            assertThat(server.json("/api/runs/" + id).path("name").asText()).isEqualTo(name);
        }
        TestRun.recorded(runs.resolve("sweep/seed=1"), 20);
        assertThat(server.json("/api/runs/sweep%2Fseed%3D1").path("id").asText())
                .isEqualTo("sweep/seed=1");
        Thread.sleep(150);
        assertThat(server.json("/api/runs").path("runs")).hasSize(10);
    }

    @Test
    void links_thatLeadOut_areNeitherRunsNorFiles() throws Exception {
        Files.createSymbolicLink(runs.resolve("linked"), folder.resolve("outside"));
        TestRun b = TestRun.recorded(runs.resolve("b"), 20);
        Files.delete(b.files().config());
        Files.createSymbolicLink(b.files().config(), folder.resolve("secret.txt"));
        Files.createDirectories(b.files().probes());
        Files.createSymbolicLink(b.files().probes().resolve("outliers.json"), folder.resolve("secret.txt"));
        TestRun c = TestRun.begin(runs.resolve("c"));
        Files.createSymbolicLink(
                c.files().layerNorms(), folder.resolve("outside").resolve("layernorm.zarr"));
        Files.createSymbolicLink(c.files().metrics(), folder.resolve("outside").resolve("metrics.jsonl"));

        assertThat(server.get("/api/runs/linked").statusCode()).isEqualTo(404);
        Thread.sleep(150); // a list is made from a look that may be a tenth of a second old
        String list = server.get("/api/runs").body();
        assertThat(list)
                .contains("linked: is a link out of the folder of the runs")
                .doesNotContain(SECRET);
        String shown = server.get("/api/runs/b").body();
        assertThat(shown).doesNotContain(SECRET).contains("is a link out of the folder of the runs");
        assertThat(server.json("/api/runs/b").path("state").asText()).isEqualTo("unreadable");
        assertThat(server.get("/api/runs/c/trajectories?site=0&part=weight").statusCode())
                .isEqualTo(409);
        assertThat(server.get("/api/runs/c/metrics").statusCode()).isEqualTo(409);
        assertThat(server.json("/api/runs/c").path("step").isNull()).isTrue();
    }

    @Test
    void links_thatStayInside_areFollowed() throws Exception {
        Files.createSymbolicLink(runs.resolve("alias"), runs.resolve("a"));
        assertThat(server.json("/api/runs/alias").path("step").asInt()).isEqualTo(60);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:80",
                "127.0.0.1.evil.example",
                "localhost.evil.example",
                "",
                "10.0.0.1",
                "0"
            })
    void foreignHost_isRefused(String host) throws IOException {
        assertThat(server.raw("GET /api/runs HTTP/1.1", "Host: " + host))
                .containsPattern("^HTTP/1.1 (403|400)")
                .doesNotContain("\"runs\"");
    }

    @Test
    void ownNames_areAnswered_withAnyPort() throws IOException {
        for (String host : List.of("localhost", "LOCALHOST:1", "127.0.0.1:" + server.port(), "[::1]:6007")) {
            assertThat(server.raw("GET /api/runs HTTP/1.1", "Host: " + host)).startsWith("HTTP/1.1 200");
        }
        assertThat(server.raw("GET /api/runs HTTP/1.1")).startsWith("HTTP/1.1 400");
        assertThat(server.raw("GET http://evil.example/api/runs HTTP/1.1", "Host: 127.0.0.1"))
                .containsPattern("^HTTP/1.1 (403|400|200)")
                .doesNotContain("evil.example");
    }

    @Test
    void foreignPages_areRefused() throws Exception {
        for (String origin :
                List.of("http://evil.example", "null", "https://127.0.0.1:" + server.port(), "http://127.0.0.1:1")) {
            HttpResponse<String> answer = server.send(
                    server.request("/api/runs").header("Origin", origin).build());
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.headers().firstValue("Access-Control-Allow-Origin"))
                    .isEmpty();
        }
        assertThat(server.send(server.request("/api/runs")
                                .header("Origin", "http://127.0.0.1:" + server.port())
                                .build())
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.send(server.request("/api/runs")
                                .header("Sec-Fetch-Site", "cross-site")
                                .header("Sec-Fetch-Mode", "no-cors")
                                .build())
                        .statusCode())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"})
    void everythingButReading_isRefused(String method) throws IOException {
        String answer = server.raw(method + " /api/runs HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 0");
        assertThat(answer).containsPattern("^HTTP/1.1 (400|403|404|405|501)").doesNotContain("\"runs\"");
    }

    @Test
    void head_hasNoBody() throws IOException {
        String answer = server.raw("HEAD /api/runs HTTP/1.1", "Host: 127.0.0.1");
        assertThat(answer).startsWith("HTTP/1.1 200").doesNotContain("\"runs\"");
    }

    @Test
    void everyAnswer_hasTheHeaders_andNoNameOfTheServer() throws IOException {
        for (String target :
                List.of("/", "/api/runs", "/api/runs/none", "/none", "/page/none.js", "/api/runs/a/metrics?points=x")) {
            String answer = server.rawGet(target);
            assertThat(answer)
                    .contains("X-Content-Type-Options: nosniff")
                    .contains("Referrer-Policy: no-referrer")
                    .contains("frame-ancestors 'none'")
                    .contains("script-src 'self';")
                    .doesNotContain("Jetty")
                    .doesNotContain("Javalin");
            assertThat(answer.contains("text/html")).isEqualTo(answer.contains("<!doctype html>"));
        }
        assertThat(server.rawGet("/%zz")).doesNotContain("<").doesNotContain("zz");
    }

    @Test
    void namesAreNeverHtml() throws Exception {
        TestRun.recorded(runs.resolve("<script>alert(1)<"), 20);
        for (String target : List.of("/api/runs", "/api/runs/%3Cscript%3Ealert(1)%3C", "/api/runs/%3Cscript%3Ex")) {
            assertThat(server.get(target).headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("application/json");
        }
    }

    @Test
    void wrongQuestions_areAnsweredWithOneSentence() throws Exception {
        for (String question : List.of(
                "metrics?points=0",
                "metrics?points=1000000000",
                "metrics?points=abc",
                "metrics?points=%3Cb%3E",
                "trajectories?part=weight",
                "trajectories?site=0",
                "trajectories?site=-1&part=weight",
                "trajectories?site=99&part=weight",
                "trajectories?site=0&part=gain",
                "trajectories?site=99999999999999999999&part=weight",
                "vector?site=0&part=weight",
                "values?site=0&part=weight",
                "values?site=0&part=weight&dimension=99",
                "values?site=0&part=weight" + "&dimension=1".repeat(33),
                "heatmap?part=weight&step=-1")) {
            HttpResponse<String> answer = server.get("/api/runs/a/" + question);
            assertThat(answer.statusCode()).as(question).isEqualTo(400);
            assertThat(TestServer.parse(answer.body()).path("error").asText()).contains("found", "expected");
        }
        assertThat(server.get("/api/compare?" + "run=a&".repeat(20)).statusCode())
                .isEqualTo(200); // one run
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 13; i++) {
            many.append("run=").append(i).append('&');
        }
        assertThat(server.get("/api/compare?" + many).statusCode()).isEqualTo(400);
    }

    @Test
    void hugeRequests_areRefused() throws IOException {
        assertThat(server.rawGet("/api/runs?x=" + "y".repeat(20_000))).containsPattern("^HTTP/1.1 4\\d\\d");
        assertThat(server.raw("GET /api/runs HTTP/1.1", "Host: 127.0.0.1", "X: " + "y".repeat(20_000)))
                .containsPattern("^HTTP/1.1 4\\d\\d");
    }

    @Test
    void tooManyRequests_areTurnedAway_andAfterAWhileAnswered() throws Exception {
        List<Integer> codes = new ArrayList<>();
        for (int i = 0; i < 2000 && !codes.contains(429); i++) {
            codes.add(server.get("/page/none.js").statusCode());
        }
        assertThat(codes).contains(404, 429);
        Thread.sleep(1200);
        assertThat(server.get("/page/none.js").statusCode()).isEqualTo(404);
    }

    @Test
    void tooManyListeners_areTurnedAway() throws Exception {
        List<HttpResponse<?>> open = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            open.add(server.lines("/api/events"));
        }
        assertThat(open).allMatch(answer -> answer.statusCode() == 200);
        assertThat(server.lines("/api/events").statusCode()).isEqualTo(429);
    }

    @Test
    void withAToken_nothingIsAnsweredWithoutIt() throws Exception {
        try (TestServer guarded = new TestServer(runs, Optional.of(TOKEN))) {
            for (String target :
                    List.of("/", "/api/runs", "/page/index.html", "/webjars/uplot/uPlot.min.css", "/api/events")) {
                assertThat(guarded.get(target).statusCode()).as(target).isEqualTo(401);
            }
            for (String wrong : List.of("", "x", TOKEN.substring(1), TOKEN + "x", TOKEN.toUpperCase(Locale.ROOT))) {
                assertThat(guarded.get("/?token=" + wrong).statusCode()).isEqualTo(401);
            }
            assertThat(guarded.get("/api/runs?token=" + TOKEN).statusCode())
                    .isEqualTo(401); // only where it is taken off
            HttpResponse<String> first = guarded.get("/?token=" + TOKEN);
            assertThat(first.statusCode()).isEqualTo(302);
            assertThat(first.headers().firstValue("Location")).hasValue("/");
            String cookie = first.headers().firstValue("Set-Cookie").orElseThrow();
            assertThat(cookie).contains("HttpOnly").contains("SameSite=Strict").contains("Path=/");
            HttpRequest withCookie = guarded.request("/api/runs")
                    .header("Cookie", cookie.substring(0, cookie.indexOf(';')))
                    .build();
            assertThat(guarded.send(withCookie).statusCode()).isEqualTo(200);
            HttpRequest withHeader = guarded.request("/api/runs")
                    .header("Authorization", "Bearer " + TOKEN)
                    .build();
            assertThat(guarded.send(withHeader).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void nothingInTheRuns_isWritten() throws Exception {
        List<String> before = listing();
        server.get("/api/runs");
        server.get("/api/runs/a");
        server.get("/api/runs/a/metrics");
        server.bytes("/api/runs/a/trajectories?site=0&part=weight");
        server.bytes("/api/runs/a/heatmap?part=weight");
        server.get("/api/runs/a/values?site=0&part=weight&dimension=0");
        server.get("/api/compare?run=a");
        assertThat(listing()).isEqualTo(before);
    }

    private List<String> listing() throws IOException {
        try (Stream<Path> all = Files.walk(runs)) {
            List<String> entries = new ArrayList<>();
            for (Path path : all.sorted().toList()) {
                entries.add(path + " " + Files.getLastModifiedTime(path) + " " + Files.size(path));
            }
            return entries;
        }
    }
}
