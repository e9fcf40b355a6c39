package norma.trainer.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/**
 * Reads {@code metrics.jsonl} line by line, and reads on from where it stopped when the file has grown. What no run
 * writes is refused: a line has to be an object with a step beyond that of the line before, and numbers, null, or
 * groups of such under its other keys.
 */
public final class MetricsReader {
    private static final Set<String> GROUPS = Set.of("validation", "layernorm", "dev");

    private final Path file;
    private long bytes;
    private long lines;
    private long lastStep = -1;

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
        boolean visit(JsonNode line);
    }

    /**
     * Reads the whole lines that were written since the last time; a last line without its end is left for the next.
     *
     * @throws InvalidInputException if a line is not one that a run writes; the message gives its number
     */
    public void readOn(Visitor visitor) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            in.skipNBytes(bytes);
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                line.write(b);
                if (b == '\n') {
                    JsonNode json = parse(line.toByteArray());
                    bytes += line.size();
                    lines++;
                    lastStep = json.path("step").longValue();
                    line.reset();
                    if (!visitor.visit(json)) {
                        return;
                    }
                }
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
            return line.path("step").longValue() < step;
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
            boolean kept = line.path("step").longValue() <= step;
            if (kept) {
                digest.add(line);
                end[0] = bytes;
            }
            return kept;
        });
        return new Kept(end[0], digest.sha256());
    }

    private JsonNode parse(byte[] line) {
        String place = file + ": line " + (lines + 1);
        JsonObject json = JsonFile.parse(text(line, place), place);
        long step = json.wholeNumber("step", 0);
        if (step <= lastStep) {
            throw json.wrong("step", step, "more than " + lastStep + " of the line before");
        }
        for (var entry : json.node().properties()) {
            boolean group = GROUPS.contains(entry.getKey());
            if (entry.getValue().isObject() != group || !isNumbers(entry.getValue())) {
                throw json.wrong(entry.getKey(), entry.getValue(), group ? "an object of numbers" : "a number or null");
            }
        }
        return json.node();
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
