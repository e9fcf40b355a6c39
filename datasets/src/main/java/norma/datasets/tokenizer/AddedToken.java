package norma.datasets.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import norma.datasets.json.JsonObject;

/**
 * A token that is found in a text before the text is cut into words; the fields and defaults are those of Hugging
 * Face's AddedToken.
 *
 * @param content how it is spelled
 * @param singleWord whether it counts only where no letter or digit is beside it
 * @param lstrip whether it takes the blanks before it
 * @param rstrip whether it takes the blanks behind it
 * @param normalized whether it is looked for in normalised text
 * @param special whether it stands for no text
 */
record AddedToken(
        String content, boolean singleWord, boolean lstrip, boolean rstrip, boolean normalized, boolean special) {

    /** A token of which only the spelling is known. */
    static AddedToken plain(String content, boolean special) {
        return new AddedToken(content, false, false, false, !special, special);
    }

    /** From its fields; what is missing has its default, which for {@code normalized} is that it is not special. */
    static AddedToken of(JsonObject fields) {
        boolean special = fields.flag("special").orElse(false);
        return new AddedToken(
                fields.text("content"),
                fields.flag("single_word").orElse(false),
                fields.flag("lstrip").orElse(false),
                fields.flag("rstrip").orElse(false),
                fields.flag("normalized").orElse(!special),
                special);
    }

    AddedToken asSpecial() {
        return new AddedToken(content, singleWord, lstrip, rstrip, normalized, true);
    }

    /** Its entry in a {@code tokenizer.json}. */
    ObjectNode json(int id) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id);
        json.put("content", content);
        json.put("single_word", singleWord);
        json.put("lstrip", lstrip);
        json.put("rstrip", rstrip);
        json.put("normalized", normalized);
        json.put("special", special);
        return json;
    }

    /** Whether an entry of a {@code tokenizer.json} says the same. */
    boolean isIn(JsonNode entry) {
        return entry.path("content").asText().equals(content)
                && entry.path("single_word").asBoolean() == singleWord
                && entry.path("lstrip").asBoolean() == lstrip
                && entry.path("rstrip").asBoolean() == rstrip
                && entry.path("normalized").asBoolean() == normalized
                && entry.path("special").asBoolean() == special;
    }
}
