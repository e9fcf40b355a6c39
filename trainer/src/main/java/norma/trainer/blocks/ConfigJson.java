package norma.trainer.blocks;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Supplier;
import norma.datasets.base.InvalidInputException;

/**
 * Hugging Face's {@code config.json}, value by value.
 *
 * @param json the parsed file
 * @param source its name, for messages
 */
public record ConfigJson(JsonNode json, String source) {
    /** A whole number, or null if the key is missing. */
    public Integer integer(String key) {
        JsonNode value = json.get(key);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw InvalidInputException.of(source, key, value, "a whole number");
        }
        return value.intValue();
    }

    /** A whole number, or Hugging Face's default where the key is missing. */
    public Integer integer(String key, int otherwise) {
        return json.has(key) ? integer(key) : Integer.valueOf(otherwise);
    }

    /** A number, or null if the key is missing. */
    public Double number(String key) {
        JsonNode value = json.get(key);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isNumber()) {
            throw InvalidInputException.of(source, key, value, "a number");
        }
        return value.doubleValue();
    }

    /** Text, or null if the key is missing. */
    public String text(String key) {
        return json.has(key) ? json.get(key).asText() : null;
    }

    /** Refuses another value than the one that the model computes. */
    public ConfigJson require(String key, String expected) {
        JsonNode value = json.get(key);
        if (value != null && !value.isNull() && !value.asText().equals(expected)) {
            throw InvalidInputException.of(source, key, value, expected);
        }
        return this;
    }

    /** Makes a configuration; what its own rules say against a value is said of this file. */
    public <T> T read(Supplier<T> make) {
        try {
            return make.get();
        } catch (InvalidInputException e) {
            throw e.getMessage().startsWith(source) ? e : new InvalidInputException(source + ": " + e.getMessage(), e);
        }
    }
}
