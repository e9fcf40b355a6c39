package norma.datasets.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import norma.datasets.base.InvalidInputException;

/**
 * The added tokens of a {@code tokenizer.json}, numbered as Hugging Face's library numbers them, whatever a file says:
 * a token of the vocabulary keeps its id, another gets the next free one.
 */
final class AddedTokens {
    private static final String KEY = "added_tokens";

    private final Map<String, Integer> vocabulary = new HashMap<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<Integer, ObjectNode> entries = new TreeMap<>();
    private final String source;
    private int largest = -1;

    private AddedTokens(JsonNode root, String source) {
        this.source = source;
        JsonNode vocab = root.at("/model/vocab");
        if (vocab.isArray()) { // Unigram: tokens with their scores
            vocab.forEach(scored -> vocabulary.putIfAbsent(scored.path(0).asText(), vocabulary.size()));
        }
        vocab.properties().forEach(e -> vocabulary.put(e.getKey(), e.getValue().asInt(-1)));
    }

    /**
     * Those that a file lists.
     *
     * @throws InvalidInputException if one has another id than the library gives it, which would be another token's
     *     embedding
     */
    static AddedTokens of(JsonNode root, String source) {
        AddedTokens tokens = new AddedTokens(root, source);
        root.path(KEY).forEach(entry -> {
            String content = entry.path("content").asText();
            int id = tokens.number(content);
            tokens.requireId(source, content, entry.path("id").asInt(-1), id);
            tokens.entries.put(id, (ObjectNode) entry);
        });
        return tokens;
    }

    /** Whether a token is one of them. */
    boolean contains(String content) {
        return ids.containsKey(content);
    }

    /** Whether a token is in the vocabulary. */
    boolean inVocabulary(String content) {
        return vocabulary.containsKey(content);
    }

    /** Adds a token, or changes the rules of one that is there. */
    void add(AddedToken token) {
        int id = number(token.content());
        ObjectNode before = entries.get(id);
        if (before == null || !token.isIn(before)) {
            entries.put(id, token.json(id));
        }
    }

    /**
     * The same for a token whose id is known.
     *
     * @param file that says so, for messages
     * @throws InvalidInputException if it is another than the library gives it
     */
    void add(AddedToken token, int id, String file) {
        requireId(source + " with " + file, token.content(), id, number(token.content()));
        add(token);
    }

    private void requireId(String from, String content, int found, int expected) {
        if (found != expected) {
            String reason = vocabulary.containsKey(content)
                    ? expected + ", its id in the vocabulary"
                    : expected + ", the next free one, which Hugging Face's library gives it";
            throw InvalidInputException.of(from, "the id of " + content, found, reason);
        }
    }

    /** AddedVocabulary.add_tokens of Hugging Face's tokenizers. */
    private int number(String content) {
        int size = vocabulary.size();
        int id = ids.containsKey(content)
                ? ids.get(content)
                : vocabulary.getOrDefault(content, largest >= size ? largest + 1 : size);
        ids.put(content, id);
        largest = Math.max(largest, id);
        return id;
    }

    /** Writes them into a file's tree, by their ids. */
    void writeInto(ObjectNode root) {
        ArrayNode list = root.putArray(KEY);
        entries.values().forEach(list::add);
    }
}
