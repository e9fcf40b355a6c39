package norma.trainer.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.FileProblem;
import norma.datasets.files.GrowingLines;
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
    public static final int LONGEST_LINE = 1 << 25;

    private final Path file;
    private final GrowingLines growing;
    private long bytes;
    private long lines;
    private long lastStep = -1;

    /** A reader that stands at the file's beginning; the file need not exist yet. */
    public MetricsReader(Path file) {
        this.file = file;
        growing = new GrowingLines(file, LONGEST_LINE);
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
        growing.readOn(new GrowingLines.Taker() {
            @Override
            public boolean line(byte[] buffer, int from, int length) {
                MetricsLine next = parse(buffer, from, length);
                bytes += length + 1L;
                lines++;
                lastStep = next.step();
                return visitor.visit(next);
            }

            @Override
            public long again() {
                bytes = 0;
                lines = 0;
                lastStep = -1;
                visitor.beginAgain();
                return 0;
            }

            @Override
            public IOException tooLong(int most) {
                throw new InvalidInputException(file + ": line " + (lines + 1) + ": found more than " + most
                        + " bytes without an end, expected a JSON object a line");
            }
        });
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

    private MetricsLine parse(byte[] buffer, int from, int length) {
        String place = file + ": line " + (lines + 1);
        JsonObject json = JsonFile.parse(text(buffer, from, length, place), place);
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

    private String text(byte[] buffer, int from, int length, String place) {
        ByteBuffer in = ByteBuffer.wrap(buffer, from, length);
        CharBuffer out = CharBuffer.allocate(length);
        if (StandardCharsets.UTF_8.newDecoder().decode(in, out, true).isError()) {
            int at = in.position();
            throw new InvalidInputException(String.format(
                    Locale.ROOT,
                    "%s: the byte 0x%02x, at offset %d, is not UTF-8, expected a JSON object a line",
                    place,
                    buffer[at] & 0xff,
                    bytes + at - from));
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
