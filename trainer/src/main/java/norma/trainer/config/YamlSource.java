package norma.trainer.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import norma.datasets.base.InvalidInputException;

/** A YAML mapping, settings laid over it, and for each key the place it came from. */
final class YamlSource {
    /** The key of messages about a setting that is no assignment. */
    private static final String OVERRIDE = "override";

    private final ObjectMapper mapper;
    private final String source;
    private final ObjectNode tree;
    private final Map<String, String> places = new HashMap<>();

    /**
     * Parses a document.
     *
     * @throws InvalidInputException if it is not YAML, not one mapping, repeats a key, uses anchors, or leaves a value
     *     out
     */
    YamlSource(ObjectMapper mapper, String source, String text) {
        this.mapper = mapper;
        this.source = source;
        this.tree = parse(text);
        rejectEmptyValues(tree, "");
    }

    ObjectNode tree() {
        return tree;
    }

    /** Where a key was written, as a message starts: {@code configs/a.yaml, line 3}, or settings. */
    String place(String key) {
        String known = key;
        while (!known.isEmpty()) {
            if (places.containsKey(known)) {
                return places.get(known);
            }
            known = parent(known);
        }
        return source;
    }

    /** Whether a key was laid over the document. */
    boolean isSetting(String key) {
        return InvalidInputException.SETTINGS.equals(places.get(key));
    }

    /** Lays {@code training.steps=200} over the document. */
    void set(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw InvalidInputException.setting(OVERRIDE, assignment, "key=value, such as training.steps=200");
        }
        String path = assignment.substring(0, equals).strip();
        String[] keys = path.split("\\.", -1);
        ObjectNode group = tree;
        String above = "";
        for (int i = 0; i < keys.length - 1; i++) {
            above = join(above, keys[i]);
            JsonNode next = group.get(keys[i]);
            if (next != null && !next.isObject()) {
                throw InvalidInputException.setting(above, next, "a group with the key " + keys[i + 1]);
            }
            if (next == null) {
                places.put(above, InvalidInputException.SETTINGS);
            }
            group = next == null ? group.putObject(keys[i]) : (ObjectNode) next;
        }
        group.set(keys[keys.length - 1], value(path, assignment.substring(equals + 1)));
        places.keySet().removeIf(known -> known.startsWith(path + ".")); // replaced with their group
        places.put(path, InvalidInputException.SETTINGS);
    }

    private JsonNode value(String path, String text) {
        try {
            JsonNode value = mapper.readTree(text);
            if (value == null || value.isMissingNode() || value.isNull()) {
                throw InvalidInputException.setting(path, "nothing", "a value after the equals sign");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw InvalidInputException.setting(path, text, "a YAML value (" + firstLine(e) + ")");
        }
    }

    private ObjectNode parse(String text) {
        try {
            locate(text);
            JsonNode root = mapper.readTree(text);
            if (!(root instanceof ObjectNode mapping)) {
                String found = root == null || root.isMissingNode() || root.isNull() ? "nothing" : root.toString();
                throw new InvalidInputException(source + ": found " + found + ", expected a mapping of keys to values");
            }
            return mapping;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new InvalidInputException(
                    source + (line > 0 ? ", line " + line : "") + ": not valid YAML: " + firstLine(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // reading from a string does not fail
        }
    }

    /** Notes each key's line, and refuses what a tree would hide: repeated keys, anchors, further documents. */
    private void locate(String text) throws IOException {
        try (YAMLParser parser = (YAMLParser) mapper.getFactory().createParser(text)) {
            parser.enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
            Deque<String> groups = new ArrayDeque<>();
            String key = "";
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (parser.isCurrentAlias()) {
                    throw InvalidInputException.of(
                            source + ", line " + parser.currentTokenLocation().getLineNr(),
                            key,
                            "*" + parser.getText(),
                            "the value itself (anchors are not supported)");
                }
                switch (token) {
                    case FIELD_NAME -> {
                        String group = groups.isEmpty() ? "" : groups.peek();
                        key = join(group, parser.currentName());
                        places.put(
                                key,
                                source + ", line "
                                        + parser.currentTokenLocation().getLineNr());
                    }
                    case START_OBJECT, START_ARRAY -> groups.push(key);
                    case END_OBJECT, END_ARRAY -> {
                        groups.pop();
                        key = groups.isEmpty() ? "" : groups.peek();
                    }
                    default -> {}
                }
                if (groups.isEmpty() && parser.nextToken() != null) {
                    throw new InvalidInputException(source + ": found a second document, expected one mapping");
                }
            }
        }
    }

    private void rejectEmptyValues(JsonNode node, String path) {
        for (Iterator<Map.Entry<String, JsonNode>> fields = node.fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            String key = join(path, field.getKey());
            if (field.getValue().isNull()) {
                throw InvalidInputException.of(
                        place(key), key, "nothing", "a value (leave the key out for its default)");
            }
            rejectEmptyValues(field.getValue(), key);
        }
    }

    static String join(String group, String key) {
        return group.isEmpty() ? key : group + "." + key;
    }

    static String parent(String key) {
        int dot = key.lastIndexOf('.');
        return dot < 0 ? "" : key.substring(0, dot);
    }

    private static String firstLine(JsonProcessingException e) {
        return e.getOriginalMessage().lines().findFirst().orElse("").strip();
    }
}
