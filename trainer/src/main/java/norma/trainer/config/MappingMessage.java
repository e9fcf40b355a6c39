package norma.trainer.config;

import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.NearestKey;

/** Turns what Jackson says about a document into a sentence with place, key, value and expectation. */
final class MappingMessage {
    private MappingMessage() {}

    /**
     * The sentence.
     *
     * @param groups keys of the document's outermost mapping, some of which are groups
     */
    static InvalidInputException of(JsonMappingException e, YamlSource document, Set<String> groups) {
        String path = e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(name -> name != null)
                .collect(Collectors.joining("."));
        if (e instanceof UnrecognizedPropertyException unknown) {
            return unknownKey(unknown, path, document);
        }
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof InvalidInputException finding) {
                boolean ofGroup = path.isEmpty() && groups.contains(finding.source());
                String key = key(ofGroup ? finding.source() : path, finding.key());
                return finding.at(document.place(key), key);
            }
        }
        String expected = e.getOriginalMessage();
        if (e instanceof MismatchedInputException mismatch) {
            expected = expected(mismatch.getTargetType());
        } else if (e.getCause() instanceof InputCoercionException outOfRange) {
            expected = expected(outOfRange.getTargetType());
        }
        return InvalidInputException.of(document.place(path), path, found(document.tree(), path), expected);
    }

    private static InvalidInputException unknownKey(UnrecognizedPropertyException e, String path, YamlSource document) {
        List<String> known =
                e.getKnownPropertyIds().stream().map(String::valueOf).sorted().toList();
        String expected = NearestKey.of(e.getPropertyName(), known)
                .map(nearest -> YamlSource.join(YamlSource.parent(path), nearest))
                .or(() -> ConfigReference.nearest(e.getPropertyName()))
                .map(nearest -> "did you mean " + nearest + "?")
                .orElse("expected one of " + String.join(", ", known));
        String other = RunConfigYaml.modelTypesWith(e.getPropertyName());
        if (path.equals("model." + e.getPropertyName()) && !other.isEmpty()) {
            expected = "expected only with model_type " + other;
        }
        return new InvalidInputException("unknown key, " + expected, e).at(document.place(path), path);
    }

    /** A record names its own key; the path already ends in it where the value has a type of its own. */
    private static String key(String path, String own) {
        if (own.isEmpty() || path.equals(own) || path.endsWith("." + own)) {
            return path;
        }
        return path.isEmpty() || own.startsWith(path + ".") ? own : path + "." + own;
    }

    private static String found(JsonNode tree, String path) {
        JsonNode node = tree.at("/" + path.replace('.', '/'));
        return node.isMissingNode() ? "nothing" : node.toString();
    }

    private static String expected(Class<?> type) {
        if (type == null) {
            return "another type";
        } else if (type == Integer.class || type == int.class) {
            return "a whole number below 2147483648";
        } else if (type == Long.class || type == long.class) {
            return "a whole number";
        } else if (type == Double.class || type == double.class) {
            return "a number";
        } else if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        } else if (type == String.class) {
            return "text (in quotes if it looks like a number)";
        } else if (List.class.isAssignableFrom(type)) {
            return "a list, such as [a, b]";
        } else if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", ", "one of ", ""));
        }
        return "a mapping of keys to values";
    }
}
