package norma.datasets.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;

/**
 * An object of a JSON file, value by value. A value that is missing or of another type than asked for is an
 * {@link InvalidInputException} that names the file, the whole key, what was found and what was expected.
 *
 * @param node the object
 * @param source the file, for messages
 * @param path the object's own key, such as {@code epochs[2]}; empty for the whole file
 */
public record JsonObject(ObjectNode node, String source, String path) {
    /** The keys in their order. */
    public List<String> keys() {
        return node.properties().stream().map(Map.Entry::getKey).toList();
    }

    /** Whether there is a value, and not null. */
    public boolean has(String key) {
        return node.hasNonNull(key);
    }

    /** A text. */
    public String text(String key) {
        JsonNode value = node.path(key);
        require(value.isTextual(), key, "text");
        return value.textValue();
    }

    /** A text, empty where the key is missing or null. */
    public Optional<String> textIfAny(String key) {
        return has(key) ? Optional.of(text(key)) : Optional.empty();
    }

    /** True or false, empty where the key is missing or null. */
    public Optional<Boolean> flag(String key) {
        if (!has(key)) {
            return Optional.empty();
        }
        JsonNode value = node.path(key);
        require(value.isBoolean(), key, "true or false");
        return Optional.of(value.booleanValue());
    }

    /** A whole number of at least {@code least}. */
    public long wholeNumber(String key, long least) {
        JsonNode value = node.path(key);
        boolean whole = value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= least;
        require(whole, key, "a whole number of at least " + least);
        return value.longValue();
    }

    /** A whole number of at least {@code least}, empty where the key is missing or null. */
    public Optional<Long> wholeNumberIfAny(String key, long least) {
        return has(key) ? Optional.of(wholeNumber(key, least)) : Optional.empty();
    }

    /** A whole number of at least {@code least} that fits an int. */
    public int count(String key, int least) {
        JsonNode value = node.path(key);
        boolean whole = value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= least;
        require(whole, key, "a whole number from " + least + " to " + Integer.MAX_VALUE);
        return value.intValue();
    }

    /** A number; NaN where it is missing, or null as what is not finite is written. */
    public double number(String key) {
        JsonNode value = node.path(key);
        boolean none = value.isNull() || value.isMissingNode();
        require(none || value.isNumber(), key, "a number or null");
        return none ? Double.NaN : value.doubleValue();
    }

    /** A number, or NaN where it is null; a key that is missing is an error. */
    public double writtenNumber(String key) {
        require(node.path(key).isNull() || node.path(key).isNumber(), key, "a number or null");
        return number(key);
    }

    /** An object. */
    public JsonObject object(String key) {
        JsonNode value = node.path(key);
        require(value.isObject(), key, "an object");
        return new JsonObject((ObjectNode) value, source, wholeKey(key));
    }

    /** The objects that an object holds, by their keys, in their order. */
    public Map<String, JsonObject> objectsByKey() {
        Map<String, JsonObject> objects = new LinkedHashMap<>();
        keys().forEach(key -> objects.put(key, object(key)));
        return objects;
    }

    /** A list of objects. */
    public List<JsonObject> objects(String key) {
        JsonNode value = node.path(key);
        require(value.isArray(), key, "a list of objects");
        List<JsonObject> objects = new ArrayList<>();
        for (JsonNode each : value) {
            String place = key + "[" + objects.size() + "]";
            if (!each.isObject()) {
                throw wrong(place, each, "an object");
            }
            objects.add(new JsonObject((ObjectNode) each, source, wholeKey(place)));
        }
        return objects;
    }

    /** A list of objects, empty where the key is missing or null. */
    public List<JsonObject> objectsIfAny(String key) {
        return has(key) ? objects(key) : List.of();
    }

    /** A list of texts. */
    public List<String> texts(String key) {
        JsonNode value = node.path(key);
        require(value.isArray(), key, "a list of texts");
        List<String> texts = new ArrayList<>();
        for (JsonNode each : value) {
            if (!each.isTextual()) {
                throw wrong(key, value, "a list of texts");
            }
            texts.add(each.textValue());
        }
        return texts;
    }

    /** A list of whole numbers of at least 0 that fit an int. */
    public List<Integer> counts(String key) {
        List<Integer> counts = new ArrayList<>();
        for (long number : wholeNumbers(key, 0)) {
            if (number > Integer.MAX_VALUE) {
                throw wrong(key, node.path(key), "whole numbers from 0 to " + Integer.MAX_VALUE);
            }
            counts.add((int) number);
        }
        return counts;
    }

    /** A list of whole numbers of at least {@code least}. */
    public List<Long> wholeNumbers(String key, long least) {
        JsonNode value = node.path(key);
        require(value.isArray(), key, "a list of whole numbers");
        List<Long> numbers = new ArrayList<>();
        for (JsonNode each : value) {
            if (!each.isIntegralNumber() || !each.canConvertToLong() || each.longValue() < least) {
                throw wrong(key, value, "whole numbers of at least " + least);
            }
            numbers.add(each.longValue());
        }
        return numbers;
    }

    /** What to say about a value that is wrong for another reason than its type. */
    public InvalidInputException wrong(String key, Object found, String expected) {
        return InvalidInputException.of(source, wholeKey(key), found, expected);
    }

    private void require(boolean holds, String key, String expected) {
        if (!holds) {
            JsonNode value = node.path(key);
            throw wrong(key, value.isMissingNode() ? "nothing" : value, expected);
        }
    }

    private String wholeKey(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
