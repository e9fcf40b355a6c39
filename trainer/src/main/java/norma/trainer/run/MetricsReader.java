package norma.trainer.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.FileProblem;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/**
 * Reads {@code metrics.jsonl} line by line, and reads on from where it stopped when the file has grown: a line at a
 * time is in memory. A last line without its end is left for the next time. A run that is resumed cuts the file off and
 * writes those lines again; that is seen, also where the file has grown beyond the old place since, and reading begins
 * again.
 *
 * <p>What no run writes is refused: a line has to be an object with a step beyond that of the line before, and numbers,
 * null, or groups of such under its other keys.
 */
public final class MetricsReader {
    /** A line of a model with 1,000 LayerNorms is a hundredth of that. */
    private static final int LONGEST_LINE = 1 << 25;

    private final Path file;
    private long bytes;
    private long lines;
    private long lastStep = -1;
    private byte[] lastLine = {};

    /** A reader that stands at the file's beginning; the file need not exist yet. */
    public MetricsReader(Path file) {
        this.file = file;
    }

    /** Takes the lines. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * The next line.
         *
         * @return whether the one after it is wanted too
         */
        boolean visit(MetricsLine line);

        /**
         * The lines so far are no longer those of the file: the next one is its first. Called only where a reader reads
         * on.
         *
         * @throws IllegalStateException where the visitor does not expect that
         */
        default void beginAgain() {
            throw new IllegalStateException("lines that were read have been written again");
        }
    }

    /**
     * Reads a file's whole lines once; none if there is no such file.
     *
     * @throws InvalidInputException if a line is not one that a run writes, or the file cannot be read
     */
    public static void read(Path file, Visitor visitor) {
        try {
            new MetricsReader(file).readOn(visitor);
        } catch (IOException e) {
            throw new InvalidInputException(file + ": cannot be read: " + FileProblem.sentence(e), e);
        }
    }

    /**
     * Reads the whole lines that were written since the last time.
     *
     * @throws InvalidInputException if a line is not one that a run writes; the message gives its number
     */
    public void readOn(Visitor visitor) throws IOException {
        if (!Files.exists(file)) {
            beginAgain(visitor);
            return;
        }
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            if (!standsBehindLastLine(channel)) {
                beginAgain(visitor);
            }
            channel.position(bytes);
            read(new BufferedInputStream(Channels.newInputStream(channel), 1 << 16), visitor);
        }
    }

    /** Times are in each line, so one that was written again is another. */
    private boolean standsBehindLastLine(SeekableByteChannel channel) throws IOException {
        if (channel.size() < bytes) {
            return false;
        }
        ByteBuffer there = ByteBuffer.allocate(lastLine.length);
        channel.position(bytes - lastLine.length);
        while (there.hasRemaining() && channel.read(there) >= 0) {
            // until it is full
        }
        return Arrays.equals(there.array(), lastLine);
    }

    private void beginAgain(Visitor visitor) {
        if (bytes > 0) {
            bytes = 0;
            lines = 0;
            lastStep = -1;
            lastLine = new byte[0];
            visitor.beginAgain();
        }
    }

    private void read(InputStream in, Visitor visitor) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            line.write(b);
            if (b == '\n') {
                byte[] whole = line.toByteArray();
                MetricsLine next = parse(whole);
                bytes += whole.length;
                lines++;
                lastStep = next.step();
                lastLine = whole;
                line.reset();
                if (!visitor.visit(next)) {
                    return;
                }
            } else if (line.size() == LONGEST_LINE) {
                throw new InvalidInputException(file + ": line " + (lines + 1) + ": found more than " + LONGEST_LINE
                        + " bytes without an end, expected a JSON object a line");
            }
        }
    }

    /**
     * The lines that are kept.
     *
     * @param bytes of the file up to their end
     * @param sha256 their {@link MetricsDigest}
     */
    record Kept(long bytes, String sha256) {}

    /**
     * Reads up to the line of a step and no further.
     *
     * @throws InvalidInputException if a line before is not one that a run writes, or there is none of that step
     */
    Kept readThrough(long step) throws IOException {
        MetricsDigest digest = new MetricsDigest();
        readOn(line -> {
            digest.add(line);
            return line.step() < step;
        });
        if (lastStep != step) {
            throw InvalidInputException.of(
                    file.toString(),
                    "lines",
                    lastStep < step
                            ? "none after " + (lastStep < 0 ? "the beginning" : "step " + lastStep)
                            : "one of step " + lastStep + " instead",
                    "the line of step " + step);
        }
        return new Kept(bytes, digest.sha256());
    }

    /**
     * Reads the lines up to a step, whether it has one or not.
     *
     * @throws InvalidInputException if one of them, or the one after, is not one that a run writes
     */
    Kept readUpTo(long step) throws IOException {
        MetricsDigest digest = new MetricsDigest();
        long[] end = new long[1];
        readOn(line -> {
            boolean kept = line.step() <= step;
            if (kept) {
                digest.add(line);
                end[0] = bytes;
            }
            return kept;
        });
        return new Kept(end[0], digest.sha256());
    }

    private MetricsLine parse(byte[] line) {
        String place = file + ": line " + (lines + 1);
        JsonObject json = JsonFile.parse(text(line, place), place);
        long step = json.wholeNumber(MetricNames.STEP, 0);
        if (step <= lastStep) {
            throw json.wrong(MetricNames.STEP, step, "more than " + lastStep + " of the line before");
        }
        for (var entry : json.node().properties()) {
            boolean group = MetricNames.GROUPS.contains(entry.getKey());
            if (entry.getValue().isObject() != group || !isNumbers(entry.getValue())) {
                throw json.wrong(entry.getKey(), entry.getValue(), group ? "an object of numbers" : "a number or null");
            }
        }
        return new MetricsLine(json.node());
    }

    private String text(byte[] line, String place) {
        ByteBuffer in = ByteBuffer.wrap(line);
        CharBuffer out = CharBuffer.allocate(line.length);
        if (StandardCharsets.UTF_8.newDecoder().decode(in, out, true).isError()) {
            int at = in.position();
            throw new InvalidInputException(String.format(
                    Locale.ROOT,
                    "%s: the byte 0x%02x, at offset %d, is not UTF-8, expected a JSON object a line",
                    place,
                    line[at] & 0xff,
                    bytes + at));
        }
        return out.flip().toString();
    }

    /** Whether a value is a finite number or null, or consists of such. */
    private static boolean isNumbers(JsonNode value) {
        if (!value.isContainerNode()) {
            return value.isNull() || (value.isNumber() && Double.isFinite(value.doubleValue()));
        }
        for (JsonNode each : value) {
            if (!isNumbers(each)) {
                return false;
            }
        }
        return true;
    }
}
