package norma.datasets.corpus;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Every text that stands under one key anywhere in a JSON file. */
final class JsonTexts extends Documents {
    private final Path file;
    private final String key;
    private final JsonParser parser;

    JsonTexts(Path file, String key) {
        this.file = file;
        this.key = key;
        try {
            this.parser = new JsonFactory().createParser(file.toFile());
        } catch (IOException e) {
            throw InputFiles.unreadable(file.toString(), e);
        }
    }

    @Override
    String read() {
        try {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING && key.equals(parser.currentName())) {
                    return parser.getText();
                }
            }
            return null;
        } catch (IOException e) {
            throw InputFiles.unreadable(file.toString(), e);
        }
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
