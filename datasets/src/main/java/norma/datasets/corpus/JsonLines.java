package norma.datasets.corpus;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;

/** The objects of a JSON Lines file, plain or compressed: one a line, lines without text between them left out. */
public final class JsonLines implements AutoCloseable {
    private static final String EXPECTED = "one JSON object a line";
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(TextLines.LONGEST)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // Python writes them; no text and no label is one
            .build();

    private final TextLines lines;

    /**
     * Of a file.
     *
     * @throws InvalidInputException if it cannot be read
     */
    public JsonLines(Path file) {
        this.lines = new TextLines(file);
    }

    /**
     * The object of the next line that has text; null after the last.
     *
     * @throws InvalidInputException if something else stands there, with file and line
     */
    public ObjectNode next() {
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (!line.isBlank()) {
                return object(line);
            }
        }
        return null;
    }

    /** The number of the line that came last, from 1. */
    public long lineNumber() {
        return lines.lineNumber();
    }

    private ObjectNode object(String line) {
        if (line.stripLeading().startsWith("[")) { // a whole file as one array, on one line or on many
            throw wrong("a JSON array", EXPECTED + " (JSON Lines)");
        }
        try {
            if (MAPPER.readTree(line) instanceof ObjectNode object) {
                return object;
            }
            throw wrong(Quoted.excerpt(line), EXPECTED);
        } catch (JsonEOFException e) {
            throw wrong(Quoted.excerpt(line) + ", which ends in the middle of an object", EXPECTED);
        } catch (JsonProcessingException e) {
            String reason = e.getOriginalMessage().lines().findFirst().orElse("");
            throw wrong(Quoted.excerpt(line) + " (" + Quoted.of(reason) + ")", EXPECTED);
        }
    }

    /**
     * A value of the last line as text.
     *
     * @return null where JSON has null
     * @throws InvalidInputException if it is no text, or one with half a character in it, with file and line
     */
    public String text(String key, JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw wrong(key, described(value), "a text");
        }
        return requireWhole(key, value.textValue());
    }

    /**
     * The same text, if it has no half of a surrogate pair, which stands for no character and has no UTF-8.
     *
     * @throws InvalidInputException if there is one
     */
    public String requireWhole(String key, String text) {
        int half = text.codePoints()
                .filter(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
                .findFirst()
                .orElse(-1);
        if (half >= 0) {
            throw wrong(key, String.format("\\u%04x, half of a surrogate pair", half), "a text of whole characters");
        }
        return text;
    }

    /** What to say about a column of the last line. */
    public InvalidInputException wrong(String key, String found, String expected) {
        return InvalidInputException.of(lines.name(), "line " + lineNumber() + ", column " + key, found, expected);
    }

    private InvalidInputException wrong(String found, String expected) {
        return InvalidInputException.of(lines.name(), "line " + lineNumber(), found, expected);
    }

    private static String described(JsonNode value) {
        String type =
                switch (value.getNodeType()) {
                    case ARRAY -> "a list";
                    case OBJECT -> "an object";
                    default -> "the " + value.getNodeType().name().toLowerCase(Locale.ROOT);
                };
        return type + " " + Quoted.beginning(value.isContainerNode() ? value.toString() : value.asText());
    }

    @Override
    public void close() {
        lines.close();
    }
}
