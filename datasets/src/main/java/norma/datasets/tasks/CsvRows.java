package norma.datasets.tasks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.Quoted;
import norma.datasets.corpus.TextLines;

/**
 * Comma-separated rows with a header (RFC 4180): a cell in quotation marks may hold commas, doubled quotation marks and
 * line breaks, of which CRLF is read as LF. Empty lines between rows are passed over.
 */
final class CsvRows implements Rows {
    private final String file;
    private final TextLines lines;
    private final Header header;
    private String line; // that is read
    private int at; // where in it
    private long firstLine; // of the row that is read

    CsvRows(Path file, List<String> wanted) {
        this.file = file.toString();
        this.lines = new TextLines(file);
        try {
            List<String> names = cells();
            if (names.isEmpty()) {
                throw new Place(this.file, 1).wrong("the end of the file", "the names of the columns");
            }
            header = Header.of(new Place(this.file, firstLine), names, wanted);
        } catch (RuntimeException e) {
            lines.close();
            throw e;
        }
    }

    @Override
    public Row next() {
        List<String> cells = cells();
        if (cells.isEmpty()) {
            return null;
        }
        Place place = new Place(file, firstLine);
        if (cells.size() != header.columns().size()) {
            throw place.wrong(
                    cells.size()
                            + (cells.size() == 1 ? " column: " : " columns: ")
                            + Quoted.excerpt(String.join(",", cells)),
                    header.columns().size() + " separated by commas: " + Quoted.list(header.columns()));
        }
        return header.row(place, cells);
    }

    /** The cells of the next row; none after the last. */
    private List<String> cells() {
        line = lines.next();
        while (line != null && line.isEmpty()) {
            line = lines.next();
        }
        List<String> cells = new ArrayList<>();
        if (line == null) {
            return cells;
        }
        firstLine = lines.lineNumber();
        at = 0;
        cells.add(cell());
        while (at < line.length()) {
            at++; // the comma
            cells.add(cell());
        }
        return cells;
    }

    /** The cell that starts at the present position, which goes to the comma or line end behind it. */
    private String cell() {
        if (line.startsWith("\"", at)) {
            return quotedCell();
        }
        int comma = line.indexOf(',', at);
        int start = at;
        at = comma < 0 ? line.length() : comma;
        return line.substring(start, at);
    }

    private String quotedCell() {
        StringBuilder cell = new StringBuilder();
        at++;
        while (true) {
            int quote = line.indexOf('"', at);
            if (quote < 0) {
                cell.append(line, at, line.length()).append('\n');
                line = lines.next();
                at = 0;
                if (line == null) {
                    throw new Place(file, firstLine)
                            .wrong("a quotation mark that is never closed", "one at the end of the cell");
                }
            } else if (line.startsWith("\"", quote + 1)) {
                cell.append(line, at, quote + 1);
                at = quote + 2;
            } else {
                cell.append(line, at, quote);
                at = quote + 1;
                requireSeparator();
                return cell.toString();
            }
        }
    }

    private void requireSeparator() {
        if (at < line.length() && line.charAt(at) != ',') {
            throw new Place(file, lines.lineNumber())
                    .wrong(
                            Quoted.excerpt(line.substring(at)) + " behind a closing quotation mark",
                            "a comma (a quotation mark inside a cell is written twice)");
        }
    }

    @Override
    public void close() {
        lines.close();
    }
}
