package norma.datasets.corpus;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import norma.datasets.base.InvalidInputException;

/** A document per line of a file. */
final class LineDocuments extends Documents {
    private final TextLines lines;
    private UnaryOperator<String> text;

    /** Documents of what {@code text} takes from each line. */
    LineDocuments(Path file, UnaryOperator<String> text) {
        this.lines = new TextLines(file);
        this.text = text;
    }

    /** Documents of a named column of tab-separated values, which the first line names. */
    static LineDocuments column(Path file, String name) {
        LineDocuments documents = new LineDocuments(file, line -> line);
        String header = documents.lines.next();
        int column = header == null ? -1 : List.of(header.split("\t", -1)).indexOf(name);
        if (column < 0) {
            documents.close();
            throw InvalidInputException.of(file.toString(), "line 1", header, "a column " + name);
        }
        documents.text = line -> {
            String[] values = line.split("\t", -1);
            return column < values.length ? values[column] : "";
        };
        return documents;
    }

    @Override
    String read() {
        String line = lines.next();
        return line == null ? null : text.apply(line).strip();
    }

    @Override
    public void close() {
        lines.close();
    }
}
