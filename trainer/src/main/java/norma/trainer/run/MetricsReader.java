package norma.trainer.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import norma.datasets.base.InvalidInputException;

/**
 * Reads {@code metrics.jsonl} line by line, and reads on from where it stopped when the file has grown. What no run
 * writes is refused: a line has to be an object with a step beyond that of the line before, and numbers, null, or
 * groups of such under its other keys.
 */
public final class MetricsReader {
    private static final Set<String> GROUPS = Set.of("validation", "layernorm", "dev");
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

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
     * Reads up to the line of a step and no further.
     *
     * @return bytes of the file up to there
     * @throws InvalidInputException if a line before is not one that a run writes, or there is none of that step
     */
    long readThrough(long step) throws IOException {
        readOn(line -> line.path("step").longValue() < step);
        if (lastStep != step) {
            throw InvalidInputException.of(
                    file.toString(),
                    "lines",
                    lastStep < step
                            ? "none after " + (lastStep < 0 ? "the beginning" : "step " + lastStep)
                            : "one of step " + lastStep + " instead",
                    "the line of step " + step);
        }
        return bytes;
    }

    private JsonNode parse(byte[] line) throws IOException {
        JsonNode json;
        try {
            json = MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw wrong(new String(line, StandardCharsets.UTF_8).strip(), "one JSON object");
        }
        if (!json.isObject()) {
            throw wrong(json.toString(), "one JSON object");
        }
        JsonNode step = json.path("step");
        if (!step.isIntegralNumber() || !step.canConvertToLong() || step.longValue() <= lastStep) {
            throw wrong("step " + step, "a whole number above " + lastStep);
        }
        for (var entry : json.properties()) {
            boolean group = GROUPS.contains(entry.getKey());
            if (entry.getValue().isObject() != group || !isNumbers(entry.getValue())) {
                throw wrong(
                        entry.getKey() + " " + entry.getValue(),
                        group ? "an object of numbers there" : "a number or null there");
            }
        }
        return json;
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

    private InvalidInputException wrong(String found, String expected) {
        return InvalidInputException.of(file.toString(), "line " + (lines + 1), found, expected);
    }
}
