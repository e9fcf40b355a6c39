package norma.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** {@code norma monitor} in a process of its own, with the heap that the launcher gives it. */
final class MonitorProcess implements AutoCloseable {
    /** Java's options for it, as the launcher has them. */
    static final List<String> JAVA_OPTIONS =
            List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx300m", "-Dfile.encoding=UTF-8");

    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final Process process;
    private final String address;
    private final HttpClient client = HttpClient.newHttpClient();

    private MonitorProcess(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /** Starts it on a free port. */
    static MonitorProcess start(Class<?> main, Path runs) throws IOException {
        List<String> words = List.of("monitor", runs.toString(), "--port", "0", "--quiet");
        Process process = ChildCommand.start(new ProcessBuilder(ChildCommand.command(main, JAVA_OPTIONS, words))
                .redirectError(ProcessBuilder.Redirect.INHERIT));
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String address = out.readLine();
        if (address == null) {
            process.destroy();
            throw new IOException("the monitor did not start");
        }
        return new MonitorProcess(process, address);
    }

    /** Processor time that it has taken. */
    double processorSeconds() {
        return ChildCommand.processorSeconds(process);
    }

    /** Lets it stand still, or go on. */
    void signal(ChildCommand.Signal signal) throws IOException, InterruptedException {
        ChildCommand.signal(process, signal);
    }

    /** Where it is, with a slash at the end. */
    String address() {
        return address;
    }

    /** An answer, and how long it took. */
    @SuppressWarnings("ArrayRecordComponent") // read once
    record Answer(byte[] body, double seconds) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /**
     * Asks for something.
     *
     * @param path below the address
     */
    Answer get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(LONGEST)
                .build();
        long began = System.nanoTime();
        HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        double seconds = (System.nanoTime() - began) * 1e-9;
        if (answer.statusCode() != 200) {
            throw new IOException(path + ": answered by " + answer.statusCode() + " "
                    + new String(answer.body(), StandardCharsets.UTF_8));
        }
        return new Answer(answer.body(), seconds);
    }

    /** The most memory that the process has held, in bytes; empty where the system does not say. */
    OptionalLong residentPeak() throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.isReadable(status)) {
            return OptionalLong.empty();
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
