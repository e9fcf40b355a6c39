package norma.datasets.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.repository.RemoteRepository;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a repository on this machine, which is then switched off. */
@Tag("unit")
class RepositoryFileTest {
    private static final String CACHE = "DJL_CACHE_DIR";
    private static final String OFFLINE = "ai.djl.offline";
    private static final String BASE = "/dataset/nlp/norma/test/words/";
    private static final String TEXT = "one\ntwo\n";

    private final String cacheBefore = System.getProperty(CACHE);

    @TempDir
    Path folder;

    private HttpServer server;
    private String uri;

    @BeforeEach
    void startWithACacheOfItsOwn() throws IOException, NoSuchAlgorithmException {
        System.setProperty(CACHE, folder.toString());
        byte[] bytes = TEXT.getBytes(StandardCharsets.UTF_8);
        String sha1 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serve("words.txt", TEXT);
        serve("metadata.json", """
                {"metadataVersion": "0.2", "resourceType": "dataset", "application": "nlp", "groupId": "norma.test",
                 "artifactId": "words", "artifacts": [{"version": "1.0", "snapshot": false, "files":
                 {"train": {"uri": "words.txt", "sha1Hash": "%s", "size": %d}}}]}
                """.formatted(sha1, bytes.length));
        server.start();
        uri = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    private static RepositoryFile file(String uri) {
        return new RepositoryFile(
                new RemoteRepository("r", URI.create(uri)), "norma.test", "words", "1.0", Map.of(), "train", "");
    }

    /** In a process of its own, which is not told to be offline as the tests are: fetches a file. */
    public static void main(String[] arguments) throws IOException {
        Path fetched = file(arguments[0]).fetch();
        System.out.println(fetched + " " + System.getProperty(OFFLINE));
    }

    private String fetchInAnotherProcess() throws IOException {
        Path log = folder.resolve("another.log");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-D" + CACHE + "=" + folder,
                        "-cp",
                        System.getProperty("java.class.path"),
                        RepositoryFileTest.class.getName(),
                        uri)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().remove("DJL_OFFLINE");
        builder.start().onExit().join();
        return Files.readString(log);
    }

    @AfterEach
    void stop() {
        server.stop(0);
        if (cacheBefore == null) {
            System.clearProperty(CACHE);
        } else {
            System.setProperty(CACHE, cacheBefore);
        }
    }

    private void serve(String name, String text) {
        server.createContext(BASE + name, exchange -> {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    private void ageMetadata() throws IOException {
        Path metadata;
        try (Stream<Path> kept = Files.walk(folder)) {
            metadata = kept.filter(path -> path.endsWith("metadata.json"))
                    .findFirst()
                    .orElseThrow();
        }
        String text = Files.readString(metadata);
        String aged = text.replaceFirst("(?<key>\"lastUpdated\": \")\\d{4}", "${key}2020");
        assertThat(aged).contains("\"lastUpdated\": \"2020").isNotEqualTo(text);
        Files.writeString(metadata, aged);
    }

    @Test
    void whatWasFetched_isFoundWithoutAConnection_howeverLongAgoThatWas() throws IOException {
        Path fetched = file(uri).fetch();
        assertThat(fetched).hasContent(TEXT);
        ageMetadata();
        server.stop(0);
        assertThat(fetchInAnotherProcess()).endsWith(fetched + " null\n");
    }

    @Test
    void whatWasNotFetched_failsAsTheConnectionDoes() throws IOException {
        server.stop(0);
        assertThatThrownBy(() -> file(uri).fetch()).isInstanceOf(ConnectException.class);
        assertThat(System.getProperty(OFFLINE)).isNull();
        assertThat(fetchInAnotherProcess()).contains("java.net.ConnectException");
    }
}
