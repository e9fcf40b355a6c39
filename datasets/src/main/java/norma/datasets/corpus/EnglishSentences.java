package norma.datasets.corpus;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sentences of English text. A blank line ends one. Between blank lines java.text finds them; its rule needs a capital
 * after a full stop. A document that begins with a small letter and has no capital after a stop counts as lower-cased,
 * and is cut after every {@code . ! ?} that is followed by a blank and then by anything but a digit. There a full stop
 * ends no sentence after an abbreviation, an initial or a word with full stops inside ({@code mr.}, {@code j.},
 * {@code u.s.}), nor in an ellipsis. Text without punctuation cannot be cut.
 */
final class EnglishSentences {
    private static final Pattern BLANK_LINE = Pattern.compile("\\R[^\\S\\r\\n]*\\R\\s*");
    private static final String CLOSERS = "[\"'\u2019\u201D)\\]]*";
    private static final Pattern END = Pattern.compile("[.!?]" + CLOSERS + "\\s+(?=[^\\s\\d])");
    private static final Pattern SMALL_BEGINNING = Pattern.compile("[\\s\"'\u2018\u201C\u2014-]*\\p{Ll}");
    private static final Pattern CAPITAL_AFTER_END =
            Pattern.compile("[.!?]" + CLOSERS + "\\s+[\"'\u2018\u201C(\\[]*\\p{Lu}");
    private static final Set<String> ABBREVIATIONS = Set.of(
            "mr", "mrs", "ms", "messrs", "dr", "prof", "rev", "hon", "gov", "sen", "capt", "sgt", "lt", "st", "mt",
            "jr", "sr", "co", "corp", "inc", "ltd", "bros", "dept", "vs", "etc", "cf", "ca", "approx", "jan", "feb",
            "apr", "aug", "sept", "oct", "nov", "dec");

    private static final int LONGEST_ABBREVIATION = 20;
    private static final String BEFORE_WORDS = " \t\r\n\u00a0\"'\u2018\u201C([";

    private EnglishSentences() {}

    static List<String> of(String document) {
        boolean lowerCased = isLowerCased(document);
        List<String> sentences = new ArrayList<>();
        for (String block : BLANK_LINE.split(document, -1)) {
            if (lowerCased) {
                cut(block, sentences);
            } else {
                breakAsJavaDoes(block, sentences);
            }
        }
        return sentences;
    }

    /** Whether capitals tell nothing about the sentences of a text. */
    private static boolean isLowerCased(String text) {
        return SMALL_BEGINNING.matcher(text).lookingAt()
                && !CAPITAL_AFTER_END.matcher(text).find();
    }

    private static void breakAsJavaDoes(String text, List<String> sentences) {
        BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ENGLISH);
        breaks.setText(text);
        int start = breaks.first();
        for (int end = breaks.next(); end != BreakIterator.DONE; end = breaks.next()) {
            sentences.add(text.substring(start, end));
            start = end;
        }
    }

    private static void cut(String text, List<String> sentences) {
        Matcher ends = END.matcher(text);
        int start = 0;
        while (ends.find()) {
            if (endsSentence(text, ends.start())) {
                sentences.add(text.substring(start, ends.end()));
                start = ends.end();
            }
        }
        sentences.add(text.substring(start));
    }

    private static boolean endsSentence(String text, int mark) {
        if (text.charAt(mark) != '.') {
            return true;
        }
        int start = mark;
        while (start > 0 && mark - start <= LONGEST_ABBREVIATION && BEFORE_WORDS.indexOf(text.charAt(start - 1)) < 0) {
            start--;
        }
        String word = text.substring(start, mark);
        boolean initial = word.length() == 1 && Character.isLetter(word.charAt(0)) && !word.equals("i");
        return !initial && word.indexOf('.') < 0 && !ABBREVIATIONS.contains(word);
    }
}
