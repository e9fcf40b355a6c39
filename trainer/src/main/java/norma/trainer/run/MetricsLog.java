package norma.trainer.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.FileProblem;
import norma.datasets.files.TextFile;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/** metrics.jsonl: a JSON object a line, in the order of the steps. */
public final class MetricsLog implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> MEASURED = List.of("loss", "step_seconds", "resident_bytes");

    private final Path file;
    private final BufferedWriter out;

    /** Opens the file for appending. */
    public MetricsLog(Path file) throws IOException {
        this.file = file;
        this.out = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** A line to fill; numbers that are not finite become null when they are put with {@link #put}. */
    public static ObjectNode line(long step) {
        return MAPPER.createObjectNode().put("step", step);
    }

    /** Puts a number, or null where JSON has none for it. */
    public static void put(ObjectNode object, String key, double value) {
        if (Double.isFinite(value)) {
            object.put(key, value);
        } else {
            object.putNull(key);
        }
    }

    /** Appends a line. */
    public void write(ObjectNode line) throws IOException {
        try {
            out.write(MAPPER.writeValueAsString(line));
            out.write('\n');
            out.flush();
        } catch (IOException e) {
            throw FileProblem.of(file, e);
        }
    }

    /** Makes everything written so far durable. */
    public void force() throws IOException {
        out.flush();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /**
     * Reads a file's whole lines, in their order; a last line that is being written is left out.
     *
     * @return none if there is no such file
     * @throws InvalidInputException naming the first whole line that is no JSON object with its step
     */
    public static List<JsonNode> read(Path file) {
        List<JsonNode> lines = new ArrayList<>();
        if (!Files.exists(file)) {
            return lines;
        }
        String text = TextFile.read(file, "a JSON object a line");
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            lines.add(line(line, file + ": line " + (lines.size() + 1)));
        }
        return lines;
    }

    private static ObjectNode line(String line, String place) {
        JsonObject json = JsonFile.parse(line, place);
        json.wholeNumber("step", 0);
        MEASURED.forEach(json::number);
        if (json.has("validation")) {
            json.object("validation").number("mlm_loss");
        }
        return json.node();
    }

    /** Drops the lines after a step, and a last line that was cut off while it was written. */
    public static void cutAfter(Path file, long step) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        Path shorter = file.resolveSibling(".metrics.jsonl.cut");
        try (BufferedReader in = Files.newBufferedReader(file);
                BufferedWriter out = Files.newBufferedWriter(shorter)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonNode json;
                try {
                    json = MAPPER.readTree(line);
                } catch (IOException e) {
                    break;
                }
                if (json.path("step").asLong(Long.MAX_VALUE) > step) {
                    break;
                }
                out.write(line);
                out.write('\n');
            }
        }
        try (FileChannel channel = FileChannel.open(shorter, StandardOpenOption.WRITE)) {
            channel.force(true); // or the rename might outlive the content
        }
        Files.move(shorter, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
