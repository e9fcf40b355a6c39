package norma.datasets.base;

import java.util.Collection;
import java.util.function.IntPredicate;

/**
 * What files and users wrote, as messages show it: at most {@value #LONGEST} characters of it, on one line, and nothing
 * that a terminal would obey.
 */
public final class Quoted {
    /** Characters of a value that a message shows. */
    public static final int LONGEST = 200;

    private static final int LONGEST_EXCERPT = 60;

    private Quoted() {}

    /** A value, cut where it is long, {@link #escaped}; of a cut one the length is said. */
    public static String of(Object value) {
        String text = String.valueOf(value);
        if (text.length() <= LONGEST) {
            return escaped(text);
        }
        int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return escaped(text.substring(0, end)) + "\u2026 (" + text.length() + " characters)";
    }

    /** A value in quotation marks, only its beginning where it is long, for a message that says more than that. */
    public static String excerpt(String value) {
        return '"' + beginning(value) + '"';
    }

    /** The first characters of a value, all of a short one. */
    public static String beginning(String value) {
        if (value.length() <= LONGEST_EXCERPT) {
            return value;
        }
        int end = Character.isHighSurrogate(value.charAt(LONGEST_EXCERPT - 1)) ? LONGEST_EXCERPT - 1 : LONGEST_EXCERPT;
        return value.substring(0, end) + "\u2026";
    }

    /** Names with commas between, as many as a message shows; of those left out the number is said. */
    public static String list(Collection<String> names) {
        StringBuilder listed = new StringBuilder();
        for (String name : names) {
            String next = (listed.isEmpty() ? "" : ", ") + beginning(name);
            if (listed.length() + next.length() > LONGEST) {
                return listed + ", \u2026 (" + names.size() + " in all)";
            }
            listed.append(next);
        }
        return listed.toString();
    }

    /**
     * A text with its control characters, line ends, marks that reorder a line and halves of surrogate pairs spelt out
     * as in JSON ({@code \n}, {@code \}{@code u001b}).
     */
    public static String escaped(String text) {
        return escaped(text, Quoted::isSpeltOut);
    }

    /** The same for text of several lines: line feeds and tabs stay. */
    public static String escapedLines(String text) {
        return escaped(text, c -> c != '\n' && c != '\t' && isSpeltOut(c));
    }

    private static String escaped(String text, IntPredicate isSpeltOut) {
        if (text.codePoints().noneMatch(isSpeltOut)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (!isSpeltOut.test(c)) {
                escaped.appendCodePoint(c);
                return;
            }
            switch (c) {
                case '\n' -> escaped.append("\\n");
                case '\r' -> escaped.append("\\r");
                case '\t' -> escaped.append("\\t");
                default -> escaped.append(String.format("\\u%04x", c));
            }
        });
        return escaped.toString();
    }

    private static boolean isSpeltOut(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                true;
            default -> isMarkOfDirection(c);
        };
    }

    /** The marks that embed, override and isolate (Unicode Standard Annex 9): what follows would be shown elsewhere. */
    private static boolean isMarkOfDirection(int c) {
        return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    }
}
