package norma.trainer.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * What the keys of a configuration mean: the Javadoc of the records' components, which a test copies into a resource
 * ({@code ConfigMeaningsTest}), because classes do not keep it.
 */
final class ConfigMeanings {
    /** From a record's name to a mapping of its keys to what they mean; the empty key is the record's own meaning. */
    static final String RESOURCE = "meanings.json";

    private static final JsonNode ALL = read();

    private ConfigMeanings() {}

    /** The key of a component, such as {@code batch_size} of {@code batchSize}. */
    static String key(String component) {
        return PropertyNamingStrategies.SnakeCaseStrategy.INSTANCE.translate(component);
    }

    static String of(Class<?> record) {
        return of(record, "");
    }

    static String of(Class<?> record, String key) {
        return ALL.path(record.getName()).path(key).asText();
    }

    private static JsonNode read() {
        try (InputStream in = ConfigMeanings.class.getResourceAsStream(RESOURCE)) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + " cannot be read", e);
        }
    }
}
