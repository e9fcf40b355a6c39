package norma.trainer.run;

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
import norma.datasets.json.JsonFile;

/** metrics.jsonl: a JSON object a line, in the order of the steps. */
public final class MetricsLog implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path file;
    private final BufferedWriter out;
    private final MetricsDigest digest = new MetricsDigest();

    /**
     * Opens the file for appending.
     *
     * @throws InvalidInputException if it has lines that no run writes
     */
    public MetricsLog(Path file) throws IOException {
        this.file = file;
        new MetricsReader(file).readOn(line -> {
            digest.add(line);
            return true;
        });
        this.out = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** A line to fill; numbers that are not finite become null when they are put with {@link #put}. */
    public static ObjectNode line(long step) {
        return MAPPER.createObjectNode().put(MetricNames.STEP, step);
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
        String text = MAPPER.writeValueAsString(line);
        digest.add(new MetricsLine(JsonFile.parse(text, file.toString()).node())); // as it will be read
        try {
            out.write(text);
            out.write('\n');
            out.flush();
        } catch (IOException e) {
            throw FileProblem.of(file, e);
        }
    }

    /** SHA-256 over all lines so far, less what they say of the machine ({@link MetricNames#OF_THE_MACHINE}). */
    public String sha256() {
        return digest.sha256();
    }

    /** Makes everything written so far durable. */
    public void force() throws IOException {
        out.flush();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /**
     * Reads a short file's whole lines, in their order; a last line that is being written is left out.
     *
     * @return none if there is no such file
     * @throws InvalidInputException if a line is not one that a run writes
     */
    public static List<MetricsLine> read(Path file) {
        List<MetricsLine> lines = new ArrayList<>();
        MetricsReader.read(file, lines::add);
        return lines;
    }

    /**
     * Reads the lines up to a step, as a run must before it goes on from there.
     *
     * @param step the last one to be kept that was logged; -1 if none was
     * @return SHA-256 over them, as {@link #sha256}
     * @throws InvalidInputException if one of them is missing or not one that a run writes
     */
    public static String requireThrough(Path file, long step) throws IOException {
        return through(file, step).sha256();
    }

    /**
     * The same of the lines up to a step of which it is not known whether it was logged.
     *
     * @throws InvalidInputException if a line up to there, or the one after, is not one that a run writes
     */
    public static String requireUpTo(Path file, long step) throws IOException {
        return new MetricsReader(file).readUpTo(step).sha256();
    }

    /**
     * Drops whatever lies after the line of a step.
     *
     * @param step the last one to be kept that was logged; -1 to keep none
     * @throws InvalidInputException as {@link #requireThrough}; then nothing is dropped
     */
    public static void cutAfter(Path file, long step) throws IOException {
        cutAt(file, through(file, step).bytes());
    }

    /**
     * Drops the lines after a step of which it is not known whether it was logged.
     *
     * @throws InvalidInputException as {@link #requireUpTo}; then nothing is dropped
     */
    public static void cutBeyond(Path file, long step) throws IOException {
        cutAt(file, new MetricsReader(file).readUpTo(step).bytes());
    }

    private static MetricsReader.Kept through(Path file, long step) throws IOException {
        return step < 0
                ? new MetricsReader.Kept(0, new MetricsDigest().sha256())
                : new MetricsReader(file).readThrough(step);
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
