package norma.trainer.blocks;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.function.Supplier;
import norma.datasets.base.InvalidInputException;

/**
 * Hugging Face's {@code config.json}, value by value.
 *
 * @param json the parsed file
 * @param source its name, for messages
 */
public record ConfigJson(JsonNode json, String source) {
    private static final Map<String, String> ACTIVATIONS = Map.of(
            "gelu_python", "gelu", // x Phi(x) by erf
            "GELU", "gelu", // no name of Hugging Face's, but no other function is called so
            "gelu_fast", "gelu_new", // by tanh (Hendrycks and Gimpel 2016)
            "gelu_accurate", "gelu_new",
            "gelu_pytorch_tanh", "gelu_new",
            "gelu_python_tanh", "gelu_new");

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
        JsonNode value = json.get(key);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw InvalidInputException.of(source, key, value, "text");
        }
        return value.textValue();
    }

    /**
     * An activation function under the name that it has here, or null if the key is missing. Hugging Face has several
     * names for each form of GELU (ACT2FN of its transformers), which differ in rounding only.
     */
    public String activation(String key) {
        String name = text(key);
        return name == null ? null : ACTIVATIONS.getOrDefault(name, name);
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
