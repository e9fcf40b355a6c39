package norma.datasets.tasks;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import norma.datasets.base.InvalidInputException;

/**
 * A file of one's own with a row for each example: TSV ({@code .tsv}: a header, no quoting), CSV ({@code .csv}: a
 * header, quoting as of RFC 4180) or JSON Lines ({@code .jsonl}, {@code .ndjson}, {@code .json}), plain or compressed
 * ({@code .gz}, {@code .zst}).
 */
final class TextTable {
    private static final Pattern ENDING = Pattern.compile("\\.(tsv|csv|jsonl|ndjson|json)(\\.gz|\\.zst)?$");

    private TextTable() {}

    /** A file's name without the ending that says what kind it is. */
    static String nameOf(Path file) {
        return ENDING.matcher(String.valueOf(file.getFileName())).replaceFirst("");
    }

    /** Its rows, each with a label. */
    static RawExamples labelled(Path file, TextColumns texts, String label) {
        List<String> columns = texts.after(label);
        return RawExamples.read(file.toString(), rows(file, columns, true), columns, false);
    }

    /**
     * Its rows.
     *
     * @param labelFirst whether the first of the columns holds a label, which need not be a text
     */
    static Rows rows(Path file, List<String> columns, boolean labelFirst) {
        Matcher ending = ENDING.matcher(String.valueOf(file.getFileName()));
        if (!ending.find()) {
            throw new InvalidInputException(file + ": found another kind of file, expected a name that ends in .tsv,"
                    + " .csv, .jsonl, .ndjson or .json, compressed also in .gz or .zst");
        }
        return switch (ending.group(1)) {
            case "tsv" -> TsvRows.withHeader(file, columns, TsvRows.Damage.REFUSED);
            case "csv" -> new CsvRows(file, columns);
            default -> new JsonRows(file, columns, labelFirst);
        };
    }
}
