package norma.datasets.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import norma.datasets.base.InvalidInputException;

/**
 * What Java's parser takes as JSON and that of Hugging Face's library does not. The library does not say so: it ends
 * the whole process.
 *
 * @see <a href="https://docs.rs/serde_json">serde_json</a>, which has a recursion limit of 128, no infinite numbers and
 *     no halves of surrogate pairs
 */
final class NativeJson {
    private static final int DEEPEST = 120; // 128, less what the library puts around it

    private NativeJson() {}

    /**
     * Refuses what would end the process.
     *
     * @throws InvalidInputException naming the key
     */
    static void require(JsonNode root, String source) {
        require(root, source, "", 1);
    }

    private static void require(JsonNode node, String source, String key, int depth) {
        if (depth > DEEPEST) {
            throw InvalidInputException.of(source, key, "more than " + DEEPEST + " levels of nesting", "fewer");
        }
        if (node.isNumber() && !Double.isFinite(node.doubleValue())) {
            throw InvalidInputException.of(source, key, "a number beyond 1.8e308", "a number");
        }
        if (node.isTextual()) {
            requireText(node.textValue(), source, key);
        }
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                require(node.get(i), source, key + "[" + i + "]", depth + 1);
            }
        }
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            requireText(property.getKey(), source, key);
            String inner = key.isEmpty() ? property.getKey() : key + "." + property.getKey();
            require(property.getValue(), source, inner, depth + 1);
        }
    }

    private static void requireText(String text, String source, String key) {
        boolean halves = text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
        if (halves) {
            throw InvalidInputException.of(source, key, "half of a surrogate pair: " + text, "characters");
        }
    }
}
