package norma.monitor.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import norma.monitor.runs.RunsFolder;

/** A server on a free port, and two ways to ask it: as programs do, and byte for byte. */
final class TestServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final MonitorServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    TestServer(Path runs, Optional<String> token) {
        server = MonitorServer.start(new MonitorSettings(
                RunsFolder.open(runs), "127.0.0.1", 0, token, run -> Map.of("outliers", "norma outliers " + run)));
    }

    TestServer(Path runs) {
        this(runs, Optional.empty());
    }

    int port() {
        return server.port();
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(60));
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).build());
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<byte[]> bytes(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<Stream<String>> lines(String path) throws IOException, InterruptedException {
        return client.send(
                request(path).header("Accept", "text/event-stream").build(), HttpResponse.BodyHandlers.ofLines());
    }

    JsonNode json(String path) throws IOException, InterruptedException {
        return JSON.readTree(get(path).body());
    }

    static JsonNode parse(String text) throws IOException {
        return JSON.readTree(text);
    }

    /** Sends a request line and headers as they are, and takes the answer to its end. */
    String raw(String requestLine, String... headers) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout(30_000);
            OutputStream out = socket.getOutputStream();
            StringBuilder text = new StringBuilder(requestLine).append("\r\n");
            for (String header : headers) {
                text.append(header).append("\r\n");
            }
            out.write(text.append("Connection: close\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** A GET to the name that a browser on this machine uses. */
    String rawGet(String target) throws IOException {
        return raw("GET " + target + " HTTP/1.1", "Host: 127.0.0.1:" + port());
    }

    @Override
    public void close() {
        server.close();
    }
}
