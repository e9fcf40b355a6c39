package norma.datasets.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * GPT-2's pre-tokeniser: text cut by its pattern, each piece spelled in 256 visible characters, one per byte of its
 * UTF-8 (Radford et al. 2019; {@code bytes_to_unicode} of their code).
 */
final class ByteLevelText {
    private static final Pattern PIECE = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);
    private static final char[] VISIBLE = visible();

    private ByteLevelText() {}

    /** The character that spells a byte. */
    static char spelling(int unsignedByte) {
        return VISIBLE[unsignedByte];
    }

    /** Calls {@code word} with every piece of a text, spelled, in order. */
    static void words(String text, Consumer<String> word) {
        Matcher matcher = PIECE.matcher(text);
        while (matcher.find()) {
            byte[] bytes = matcher.group().getBytes(StandardCharsets.UTF_8);
            char[] spelled = new char[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                spelled[i] = VISIBLE[bytes[i] & 0xff];
            }
            word.accept(new String(spelled));
        }
    }

    private static char[] visible() {
        char[] table = new char[256];
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || (b >= 0xae);
            table[b] = (char) (printable ? b : next++);
        }
        return table;
    }
}
