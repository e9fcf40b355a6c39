package norma.datasets.tasks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import norma.datasets.corpus.TextLines;

/** JSON Lines: an object a line. Numbers, booleans and arrays are given as JSON writes them. */
final class JsonRows implements Rows {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // Python writes them; they are refused by name later
            .build();

    private final String file;
    private final TextLines lines;
    private final List<String> wanted;

    JsonRows(Path file, List<String> wanted) {
        this.file = file.toString();
        this.lines = new TextLines(file);
        this.wanted = wanted;
    }

    @Override
    public Row next() {
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (!line.isBlank()) {
                return row(line, new Place(file, lines.lineNumber()));
            }
        }
        return null;
    }

    private Row row(String line, Place place) {
        JsonNode object = object(line, place);
        List<String> cells = new ArrayList<>();
        for (String name : wanted) {
            JsonNode value = object.get(name);
            if (value == null) {
                throw Header.noColumn(
                        place,
                        name,
                        object.properties().stream().map(Map.Entry::getKey).toList());
            }
            if (value.isNull() || value.isObject()) {
                throw place.wrong(name, value.isNull() ? "null" : "an object", "a text, a number or an array");
            }
            cells.add(value.isArray() ? value.toString() : value.asText());
        }
        return new Row(place, cells);
    }

    private static JsonNode object(String line, Place place) {
        try {
            JsonNode node = MAPPER.readTree(line);
            if (!node.isObject()) {
                throw place.wrong(Place.quoted(line), "a JSON object");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw place.wrong(
                    Place.quoted(line) + " ("
                            + e.getOriginalMessage().lines().findFirst().orElse("") + ")",
                    "a JSON object");
        }
    }

    @Override
    public void close() {
        lines.close();
    }
}
