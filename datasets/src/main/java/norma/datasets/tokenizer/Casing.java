package norma.datasets.tokenizer;

import java.util.List;
import java.util.Locale;

/** Whether a tokenizer lower-cases text before it cuts it. */
public enum Casing {
    /** As the files of the tokenizer say. */
    FROM_SOURCE,
    /** It does not. */
    CASED,
    /** It does. */
    UNCASED;

    /** The casing that lower-cases or does not; null: as the files say. */
    public static Casing of(Boolean lowercase) {
        return lowercase == null ? FROM_SOURCE : lowercase ? UNCASED : CASED;
    }

    /** What a model's name suggests or, where it has neither word, whether the vocabulary has words with capitals. */
    static Casing suggested(String name, List<String> tokens) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.contains("uncased")) {
            return UNCASED;
        }
        return lower.contains("cased") || tokens.stream().anyMatch(token -> token.matches("\\p{Lu}\\p{L}+"))
                ? CASED
                : UNCASED;
    }
}
