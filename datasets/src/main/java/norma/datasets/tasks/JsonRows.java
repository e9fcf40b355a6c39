package norma.datasets.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import norma.datasets.corpus.JsonLines;

/** Rows of JSON Lines. Texts are strings; a label may be a number, a boolean or an array too, as JSON writes it. */
final class JsonRows implements Rows {
    private final String file;
    private final JsonLines lines;
    private final List<String> wanted;
    private final boolean labelFirst;

    /**
     * Rows of a file.
     *
     * @param labelFirst whether the first of the wanted columns is the label's; the others are texts
     */
    JsonRows(Path file, List<String> wanted, boolean labelFirst) {
        this.file = file.toString();
        this.lines = new JsonLines(file);
        this.wanted = wanted;
        this.labelFirst = labelFirst;
    }

    @Override
    public Row next() {
        ObjectNode object = lines.next();
        if (object == null) {
            return null;
        }
        Place place = new Place(file, lines.lineNumber());
        List<String> cells = new ArrayList<>();
        for (String name : wanted) {
            JsonNode value = object.get(name);
            if (value == null) {
                throw Header.noColumn(
                        place,
                        name,
                        object.properties().stream().map(Map.Entry::getKey).toList());
            }
            cells.add(labelFirst && cells.isEmpty() ? label(name, value) : text(name, value));
        }
        return new Row(place, cells);
    }

    private String label(String name, JsonNode value) {
        if (value.isNull() || value.isObject()) {
            throw lines.wrong(name, value.isNull() ? "null" : "an object", "a text, a number or an array");
        }
        return lines.requireWhole(name, value.isArray() ? value.toString() : value.asText());
    }

    private String text(String name, JsonNode value) {
        String text = lines.text(name, value);
        if (text == null) {
            throw lines.wrong(name, "null", "a text");
        }
        return text;
    }

    @Override
    public void close() {
        lines.close();
    }
}
