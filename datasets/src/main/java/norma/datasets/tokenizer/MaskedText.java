package norma.datasets.tokenizer;

import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;

/**
 * A text, as a model takes it, with blanks where a masked language model is to fill in.
 *
 * @param text as the user wrote it
 * @param ids (S) token ids, the blanks as the tokenizer's mask token
 * @param types (S) token types
 * @param textStart index of the text's first token
 * @param textEnd index after its last
 * @param blanks where the mask token stands, indices into {@code ids}, ascending
 */
@SuppressWarnings("ArrayRecordComponent") // a view for one forward pass; nothing compares or keeps it
public record MaskedText(String text, int[] ids, int[] types, int textStart, int textEnd, int[] blanks) {
    private static final String TEXT = "text";

    /**
     * Encodes a text. {@code [MASK]} and {@code <mask>} both stand for the tokenizer's own mask token.
     *
     * @param format how the model's sequences are framed
     * @param maxLength longest sequence that the model takes, special tokens counted
     * @throws InvalidInputException if the text is empty or too long, it has a blank and the tokenizer no mask token,
     *     or the tokenizer does not take its own
     */
    public static MaskedText of(Tokenizer tokenizer, SequenceFormat format, String text, int maxLength) {
        if (text.isBlank()) {
            throw new InvalidInputException("text: found an empty one, expected words");
        }
        String spelled = spelledAsHere(tokenizer, text);
        int[] encoded = tokenizer.encode(List.of(spelled)).get(0);
        if (encoded.length == 0) {
            throw InvalidInputException.of(TEXT, quoted(text), "no token", "words that the tokenizer knows");
        }
        int[] ids = new int[encoded.length + format.specialTokens(false)];
        int[] types = new int[ids.length];
        SequenceFrame.Places places = format.with(tokenizer).single(encoded.length, ids, types, 0);
        System.arraycopy(encoded, 0, ids, places.first(), encoded.length);
        int[] blanks = blanks(tokenizer, spelled, ids);
        if (ids.length > maxLength) {
            throw InvalidInputException.of(
                    TEXT,
                    quoted(text),
                    ids.length + " tokens" + with(format.spelled(tokenizer)),
                    "at most " + maxLength + ", the model's longest sequence");
        }
        return new MaskedText(text, ids, types, places.first(), places.first() + encoded.length, blanks);
    }

    /**
     * The same, for a text that has to have a blank.
     *
     * @throws InvalidInputException also if it has none
     */
    public static MaskedText withBlank(Tokenizer tokenizer, SequenceFormat format, String text, int maxLength) {
        MaskedText masked = of(tokenizer, format, text, maxLength);
        if (masked.blanks().length == 0) {
            throw InvalidInputException.of(
                    TEXT, quoted(text), "no blank", tokenizer.token(maskId(tokenizer)) + " where a word is missing");
        }
        return masked;
    }

    /** The text with the tokenizer's own mask token where it has anyone's. */
    private static String spelledAsHere(Tokenizer tokenizer, String text) {
        String spelled = text;
        for (String name : SpecialToken.MASK.spellings()) {
            if (text.contains(name)) {
                spelled = spelled.replace(name, tokenizer.token(maskId(tokenizer)));
            }
        }
        return spelled;
    }

    private static int[] blanks(Tokenizer tokenizer, String spelled, int[] ids) {
        if (tokenizer.id(SpecialToken.MASK).isEmpty()) {
            return new int[0];
        }
        int maskId = maskId(tokenizer);
        String mask = tokenizer.token(maskId);
        int[] blanks =
                IntStream.range(0, ids.length).filter(i -> ids[i] == maskId).toArray();
        if (blanks.length != occurrences(spelled, mask)) {
            throw InvalidInputException.of(
                    "tokenizer",
                    "added_tokens",
                    blanks.length + " of " + occurrences(spelled, mask) + " " + mask + " in the text",
                    mask + " as an added token");
        }
        return blanks;
    }

    private static int maskId(Tokenizer tokenizer) {
        return tokenizer.require("to stand where the text has a blank", SpecialToken.MASK);
    }

    private static String with(List<String> specialTokens) {
        return specialTokens.isEmpty() ? "" : " with " + String.join(" and ", specialTokens);
    }

    private static int occurrences(String text, String word) {
        int count = 0;
        for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length())) {
            count++;
        }
        return count;
    }

    /** As much of a text as a message bears. */
    private static String quoted(String text) {
        return '"' + (text.length() <= 40 ? text : text.substring(0, 37) + "...") + '"';
    }
}
