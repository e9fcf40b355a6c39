package norma.datasets.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.TextFile;

/**
 * The one reader of JSON files, our own and Hugging Face's, and the writer of our own. Whatever is wrong with one is an
 * {@link InvalidInputException} that names the file: bytes that are not UTF-8, an end in the middle, something else
 * than one object, a key that stands twice, more nesting than anybody writes.
 */
public final class JsonFile {
    private static final String EXPECTED = "a JSON object";
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonFile() {}

    /** The object in a file. */
    public static JsonObject read(Path file) {
        return read(file, EXPECTED);
    }

    /**
     * The object in a file.
     *
     * @param expected what the file should be, for messages, such as {@code a model's config.json}
     * @throws InvalidInputException if there is none
     */
    public static JsonObject read(Path file, String expected) {
        return parse(TextFile.bytes(file, expected), file.toString());
    }

    /**
     * The object in the bytes of a file.
     *
     * @param source the file, for messages
     */
    public static JsonObject parse(byte[] bytes, String source) {
        return parse(TextFile.decode(bytes, source, EXPECTED), source);
    }

    /**
     * The object in a text.
     *
     * @param source the file, or file and line, for messages
     */
    public static JsonObject parse(String text, String source) {
        return new JsonObject(object(text, source), source, "");
    }

    /**
     * Writes JSON, indented, as {@link DurableFiles#write(Path, byte[])} writes.
     *
     * @throws IOException naming the file, if it cannot be written
     */
    public static void write(Path file, JsonNode json) throws IOException {
        DurableFiles.write(file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    }

    private static ObjectNode object(String text, String source) {
        JsonNode value;
        try {
            value = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(source + ": " + finding(e) + ", expected " + EXPECTED, e);
        }
        if (value instanceof ObjectNode object) {
            return object;
        }
        boolean empty = value == null || value.isMissingNode();
        throw new InvalidInputException(
                source + ": found " + (empty ? "nothing" : Quoted.of(value)) + ", expected " + EXPECTED);
    }

    private static String finding(JsonProcessingException e) {
        String said = e.getOriginalMessage().lines().findFirst().orElse("");
        return e instanceof JsonEOFException || said.startsWith("Unexpected end-of-input")
                ? "ends in the middle" + place(e.getLocation())
                : "not JSON" + place(e.getLocation()) + ": " + Quoted.of(said);
    }

    private static String place(JsonLocation location) {
        return location == null ? "" : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }
}
