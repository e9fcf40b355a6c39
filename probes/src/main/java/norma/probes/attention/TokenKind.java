package norma.probes.attention;

import java.util.Locale;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.SpecialToken;
import norma.datasets.tokenizer.Tokenizer;

/** What a token is to the attention that it receives. */
public enum TokenKind {
    /** What stands for the whole sequence. */
    CLS,
    /** What ends a segment, or a document. */
    SEP,
    /** Nothing but punctuation. */
    PUNCTUATION,
    /** Words and pieces of words, [MASK] and [UNK] among them. */
    OTHER;

    private static final String ASCII_SYMBOLS = "$+<=>^`|~";

    /** The key in JSON. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What people call it. */
    public String words() {
        return this == CLS || this == SEP ? '[' + name() + ']' : key() + (this == OTHER ? " tokens" : "");
    }

    /**
     * The kind of every id below a vocabulary's size. A token is punctuation if all its characters are: Unicode's
     * category P, or what BERT's basic tokenizer counts as such besides, the ASCII symbols.
     *
     * @param format of the model's sequences
     * @param vocabulary V of the model; ids that the tokenizer lacks are {@link #OTHER}
     */
    public static TokenKind[] of(Tokenizer tokenizer, SequenceFormat format, int vocabulary) {
        TokenKind[] kinds = new TokenKind[vocabulary];
        for (int id = 0; id < vocabulary; id++) {
            kinds[id] = OTHER;
            if (id < tokenizer.vocabularySize() && !tokenizer.isSpecial(id)) {
                kinds[id] = isPunctuation(spelling(tokenizer, id)) ? PUNCTUATION : OTHER;
            }
        }
        tokenizer.id(SpecialToken.CLS).ifPresent(id -> kinds[id] = CLS);
        tokenizer.id(SpecialToken.SEP).ifPresent(id -> kinds[id] = SEP);
        tokenizer.id(format.documentEnd()).ifPresent(id -> kinds[id] = SEP);
        return kinds;
    }

    private static String spelling(Tokenizer tokenizer, int id) {
        String token = tokenizer.token(id);
        if (token.startsWith("##") && token.length() > 2) {
            return token.substring(2);
        }
        return token.codePoints().allMatch(c -> c < 128)
                ? token
                : tokenizer.decode(new int[] {id}).strip(); // byte-level tokens spell other characters, and spaces
    }

    static boolean isPunctuation(String text) {
        return !text.isEmpty() && text.codePoints().allMatch(TokenKind::isPunctuation);
    }

    private static boolean isPunctuation(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> ASCII_SYMBOLS.indexOf(codePoint) >= 0;
        };
    }
}
