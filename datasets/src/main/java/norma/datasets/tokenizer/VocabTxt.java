package norma.datasets.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;

/**
 * BERT's {@code vocab.txt}: a token a line, whose id is the line's number from 0 on, as Hugging Face's
 * {@code load_vocab} reads it. A blank line holds its id, and of a token that stands twice the last line counts; in
 * place of what no text reaches the vocabulary has a name with a blank in it, which no word has.
 */
final class VocabTxt {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private VocabTxt() {}

    /**
     * The tokens by their ids, all different.
     *
     * @param source the file, for messages
     * @throws InvalidInputException if it has no token, or is JSON
     */
    static List<String> read(String text, String source) {
        if (isJson(text)) {
            throw new InvalidInputException(
                    source + ": is JSON, expected one token a line (a tokenizer.json has to have that name)");
        }
        List<String> tokens = new ArrayList<>(text.lines().toList());
        Map<String, Integer> lines = new HashMap<>();
        for (int i = 0; i < tokens.size(); i++) {
            String token = tokens.get(i);
            if (token.isEmpty()) {
                tokens.set(i, "[blank line " + (i + 1) + "]");
                continue;
            }
            Integer before = lines.put(token, i);
            if (before != null) {
                tokens.set(before, "[line " + (before + 1) + ", again in line " + (i + 1) + "]");
            }
        }
        if (lines.isEmpty()) {
            throw new InvalidInputException(source + ": has no token, expected one a line");
        }
        return tokens;
    }

    private static boolean isJson(String text) {
        String start = text.stripLeading();
        if (!start.startsWith("{") && !start.startsWith("[")) {
            return false;
        }
        try {
            return MAPPER.readTree(text).isContainerNode();
        } catch (JsonProcessingException e) {
            return false; // [PAD], for instance
        }
    }
}
