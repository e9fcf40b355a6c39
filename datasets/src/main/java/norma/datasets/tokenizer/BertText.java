package norma.datasets.tokenizer;

import java.text.Normalizer;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * BERT's normaliser and pre-tokeniser, as Hugging Face's BertNormalizer and BertPreTokenizer define them: control
 * characters dropped, CJK characters set apart, accents stripped and letters lower-cased if asked, then cut at white
 * space and around each punctuation character.
 *
 * @param lowercase whether to lower-case and strip accents
 */
record BertText(boolean lowercase) {

    /** The normalised text. */
    String normalize(String text) {
        StringBuilder clean = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> appendClean(clean, c));
        if (!lowercase) {
            return clean.toString();
        }
        String decomposed = Normalizer.isNormalized(clean, Normalizer.Form.NFD)
                ? clean.toString()
                : Normalizer.normalize(clean, Normalizer.Form.NFD);
        StringBuilder lower = new StringBuilder(decomposed.length());
        decomposed.codePoints().forEach(c -> {
            if (Character.getType(c) != Character.NON_SPACING_MARK) {
                appendLower(lower, c);
            }
        });
        return lower.toString();
    }

    /** Calls {@code word} with every word of a text, in order. */
    void words(String text, Consumer<String> word) {
        String normal = normalize(text);
        int start = -1;
        int i = 0;
        while (i < normal.length()) {
            int c = normal.codePointAt(i);
            int next = i + Character.charCount(c);
            boolean punctuation = isPunctuation(c);
            if (punctuation || isWhitespace(c)) {
                if (start >= 0) {
                    word.accept(normal.substring(start, i));
                    start = -1;
                }
                if (punctuation) {
                    word.accept(normal.substring(i, next));
                }
            } else if (start < 0) {
                start = i;
            }
            i = next;
        }
        if (start >= 0) {
            word.accept(normal.substring(start));
        }
    }

    private static void appendClean(StringBuilder out, int c) {
        if (c == 0 || c == 0xfffd || isControl(c)) {
            return;
        }
        if (isWhitespace(c)) {
            out.append(' ');
        } else if (isCjk(c)) {
            out.append(' ').appendCodePoint(c).append(' ');
        } else {
            out.appendCodePoint(c);
        }
    }

    /** Lower case of one code point on its own, so that a final sigma stays a plain one. */
    private static void appendLower(StringBuilder out, int c) {
        if (c == 0x130) { // the one code point whose lower case is two: i and a combining dot
            out.append("i\u0307");
        } else if (c < 0x80) {
            out.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c));
        } else {
            out.append(Character.toString(c).toLowerCase(Locale.ROOT));
        }
    }

    /**
     * Control, format and private-use characters, but not tab, line feed and carriage return. Code points that Unicode
     * has not assigned are none of them for Hugging Face, though they are for the original BERT.
     */
    private static boolean isControl(int c) {
        if (c == '\t' || c == '\n' || c == '\r') {
            return false;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE -> true;
            default -> false;
        };
    }

    /** Unicode's White_Space property. */
    private static boolean isWhitespace(int c) {
        return (c >= 0x09 && c <= 0x0d) || c == 0x85 || Character.isSpaceChar(c);
    }

    private static boolean isPunctuation(int c) {
        if (c < 0x80) {
            return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
        }
        return switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION,
                    Character.START_PUNCTUATION -> true;
            default -> false;
        };
    }

    /** The blocks of the original BERT's {@code _is_chinese_char}. */
    private static boolean isCjk(int c) {
        return (c >= 0x4e00 && c <= 0x9fff)
                || (c >= 0x3400 && c <= 0x4dbf)
                || (c >= 0x20000 && c <= 0x2a6df)
                || (c >= 0x2a700 && c <= 0x2b73f)
                || (c >= 0x2b740 && c <= 0x2b81f)
                || (c >= 0x2b920 && c <= 0x2ceaf)
                || (c >= 0xf900 && c <= 0xfaff)
                || (c >= 0x2f800 && c <= 0x2fa1f);
    }
}
