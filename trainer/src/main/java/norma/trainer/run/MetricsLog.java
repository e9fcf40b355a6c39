package norma.trainer.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.FileProblem;

/** metrics.jsonl: a JSON object a line, in the order of the steps. */
public final class MetricsLog implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();

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
     * @throws InvalidInputException if a line is not one that a run writes
     */
    public static List<JsonNode> read(Path file) {
        List<JsonNode> lines = new ArrayList<>();
        try {
            new MetricsReader(file).readOn(lines::add);
        } catch (IOException e) {
            throw new InvalidInputException(file + ": cannot be read: " + FileProblem.sentence(e), e);
        }
        return lines;
    }

    /**
     * Reads the lines up to a step, as a run must before it goes on from there.
     *
     * @param step the last one to be kept that was logged; -1 if none was
     * @throws InvalidInputException if one of them is missing or not one that a run writes
     */
    public static void requireThrough(Path file, long step) throws IOException {
        if (step >= 0) {
            new MetricsReader(file).readThrough(step);
        }
    }

    /**
     * Drops whatever lies after the line of a step.
     *
     * @param step the last one to be kept that was logged; -1 to keep none
     * @throws InvalidInputException as {@link #requireThrough}; then nothing is dropped
     */
    public static void cutAfter(Path file, long step) throws IOException {
        cutAt(file, step < 0 ? 0 : new MetricsReader(file).readThrough(step));
    }

    /**
     * Drops the lines after a step of which it is not known whether it was logged.
     *
     * @throws InvalidInputException if a line up to there is not one that a run writes; then nothing is dropped
     */
    public static void cutBeyond(Path file, long step) throws IOException {
        cutAt(file, new MetricsReader(file).readUpTo(step));
    }

    private static void cutAt(Path file, long kept) throws IOException {
        if (Files.exists(file)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(kept);
                channel.force(true);
            }
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
