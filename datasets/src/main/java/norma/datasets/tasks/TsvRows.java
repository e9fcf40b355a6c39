package norma.datasets.tasks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import norma.datasets.base.Quoted;
import norma.datasets.corpus.TextLines;

/**
 * Tab-separated rows as they stand: a line is a row, quotation marks and backslashes are characters like others. Lines
 * without any character are passed over.
 */
final class TsvRows implements Rows {
    /** What to do with a row of too few or too many columns. */
    enum Damage {
        /** Either is an error. */
        REFUSED,
        /** What stands behind the last column is ignored, as Hugging Face's reader of GLUE ignores it. */
        SURPLUS_IGNORED,
        /** The same, and a row of too few columns is marked damaged. */
        MARKED
    }

    private final String file;
    private final TextLines lines;
    private final Damage damage;
    private Header header;

    /** Rows of a file whose first line names the columns. */
    static TsvRows withHeader(Path file, List<String> wanted, Damage damage) {
        TsvRows rows = new TsvRows(file, damage);
        String first = rows.lines.next();
        Place place = new Place(file.toString(), 1);
        try {
            if (first == null) {
                throw place.wrong("the end of the file", "the names of the columns");
            }
            rows.header = Header.of(place, split(first), wanted);
            return rows;
        } catch (RuntimeException e) {
            rows.close();
            throw e;
        }
    }

    /** Rows of a file without header. */
    static TsvRows withoutHeader(Path file, List<String> columns, List<String> wanted, Damage damage) {
        TsvRows rows = new TsvRows(file, damage);
        rows.header = Header.of(new Place(file.toString(), 1), columns, wanted);
        return rows;
    }

    private TsvRows(Path file, Damage damage) {
        this.file = file.toString();
        this.lines = new TextLines(file);
        this.damage = damage;
    }

    @Override
    public Row next() {
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (!line.isEmpty()) {
                return row(line);
            }
        }
        return null;
    }

    private Row row(String line) {
        Place place = new Place(file, lines.lineNumber());
        List<String> cells = split(line);
        int expected = header.columns().size();
        boolean tooFew = cells.size() < expected;
        if (tooFew && damage == Damage.MARKED) {
            return new Row(place, List.of());
        }
        if (tooFew || (cells.size() > expected && damage == Damage.REFUSED)) {
            throw place.wrong(
                    cells.size() + (cells.size() == 1 ? " column: " : " columns: ") + Quoted.excerpt(line),
                    expected + " separated by tabs: " + Quoted.list(header.columns()));
        }
        return header.row(place, cells);
    }

    private static List<String> split(String line) {
        return Arrays.asList(line.split("\t", -1));
    }

    @Override
    public void close() {
        lines.close();
    }
}
