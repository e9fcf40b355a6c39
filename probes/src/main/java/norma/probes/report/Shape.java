package norma.probes.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.function.Predicate;
import norma.datasets.base.InvalidInputException;

/** Of which kind a JSON value has to be, down to its parts; keys that a shape does not name are not looked at. */
sealed interface Shape {
    /** A whole number. */
    Shape WHOLE = new Value("a whole number", JsonNode::isIntegralNumber);
    /** A number, or null where there is none. */
    Shape NUMBER = new Value("a number or null", value -> value.isNumber() || value.isNull());
    /** A text. */
    Shape TEXT = new Value("a text", JsonNode::isTextual);

    /**
     * Refuses a value of another kind.
     *
     * @param file that it is from
     * @param key of it in the file, such as {@code dimensions[2].layers}
     * @throws InvalidInputException naming file, key, what was found and what was expected
     */
    void require(String file, String key, JsonNode found);

    /** A list of values of one shape. */
    static Shape list(Shape each) {
        return new ListOf(each);
    }

    /** An object with any keys and values of one shape. */
    static Shape map(Shape each) {
        return new MapOf(each);
    }

    /** An object with keys that must be there, and keys that may. */
    static Shape object(Map<String, Shape> needed, Map<String, Shape> allowed) {
        return new Fields(needed, allowed);
    }

    /** A value without parts. */
    record Value(String expected, Predicate<JsonNode> is) implements Shape {
        @Override
        public void require(String file, String key, JsonNode found) {
            if (!is.test(found)) {
                throw wrong(file, key, found, expected);
            }
        }
    }

    /** See {@link Shape#list}. */
    record ListOf(Shape each) implements Shape {
        @Override
        public void require(String file, String key, JsonNode found) {
            if (!found.isArray()) {
                throw wrong(file, key, found, "a list");
            }
            for (int i = 0; i < found.size(); i++) {
                each.require(file, key + "[" + i + "]", found.get(i));
            }
        }
    }

    /** See {@link Shape#map}. */
    record MapOf(Shape each) implements Shape {
        @Override
        public void require(String file, String key, JsonNode found) {
            if (!found.isObject()) {
                throw wrong(file, key, found, "an object");
            }
            found.properties().forEach(entry -> each.require(file, key + "." + entry.getKey(), entry.getValue()));
        }
    }

    /** See {@link Shape#object}. */
    record Fields(Map<String, Shape> needed, Map<String, Shape> allowed) implements Shape {
        @Override
        public void require(String file, String key, JsonNode found) {
            if (!found.isObject()) {
                throw wrong(file, key, found, "an object");
            }
            String prefix = key.isEmpty() ? "" : key + ".";
            needed.forEach((name, shape) -> shape.require(file, prefix + name, found.path(name)));
            allowed.forEach((name, shape) -> {
                if (found.has(name)) {
                    shape.require(file, prefix + name, found.path(name));
                }
            });
        }
    }

    private static InvalidInputException wrong(String file, String key, JsonNode found, String expected) {
        return InvalidInputException.of(
                file, key.isEmpty() ? "content" : key, found.isMissingNode() ? "nothing" : found, expected);
    }
}
