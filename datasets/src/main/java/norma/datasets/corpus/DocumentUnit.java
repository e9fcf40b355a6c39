package norma.datasets.corpus;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a document is in files of text. */
public enum DocumentUnit {
    /** What stands between blank lines, its lines joined by blanks. */
    PARAGRAPH,
    /** A whole file with its lines. */
    FILE,
    /** Each line. */
    LINE,
    /**
     * What stands between blank lines, each line of it a sentence: the format that Google's
     * {@code create_pretraining_data.py} reads.
     */
    SENTENCE_PER_LINE;

    /** Its value of {@code data.documents}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Every value that {@code data.documents} may have. */
    public static List<String> keys() {
        return Arrays.stream(values()).map(DocumentUnit::key).toList();
    }

    /** The unit of one of the {@link #keys}. */
    public static DocumentUnit of(String key) {
        return values()[keys().indexOf(key)];
    }

    /** Where the sentences of such a document end. */
    SentenceRule sentences() {
        return this == SENTENCE_PER_LINE ? SentenceRule.LINES : SentenceRule.PUNCTUATION;
    }
}
