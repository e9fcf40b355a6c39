package norma.datasets.tasks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.InvalidInputException;

/**
 * A file of texts for a model that has been fine-tuned already, TSV, CSV or JSON Lines as a training file may be.
 *
 * @param split its examples, named {@code file}; without labels where none were asked for
 * @param lines the number of each example's first line
 */
public record ClassifiedFile(LabelledSplit split, List<Long> lines) {
    private static final String WHAT = "file of texts";
    private static final String NAME = "file";

    /** Copies. */
    public ClassifiedFile {
        lines = List.copyOf(lines);
    }

    /**
     * Reads texts alone.
     *
     * @throws InvalidInputException if the file is missing or damaged, lacks a column, or holds no text
     */
    public static ClassifiedFile unlabelled(Path file, TextColumns columns) {
        TaskFile.require(file, WHAT);
        List<LabelledExample> examples = new ArrayList<>();
        List<Long> lines = new ArrayList<>();
        try (Rows rows = TextTable.rows(file, columns.names(), false)) {
            for (Row row = rows.next(); row != null; row = rows.next()) {
                row.requireTexts(columns.names(), 0);
                List<String> cells = row.cells();
                examples.add(new LabelledExample(cells.get(0), cells.size() > 1 ? cells.get(1) : null, null));
                lines.add(row.place().line());
            }
        }
        if (examples.isEmpty()) {
            throw new InvalidInputException(file + ": found no texts, expected at least one");
        }
        return new ClassifiedFile(new LabelledSplit(NAME, file.toString(), examples), lines);
    }

    /**
     * Reads texts with their labels.
     *
     * @param label the column of the label
     * @param kind what the labels are
     * @param separator between the labels of a multi-label task, or null where they stand in JSON arrays
     * @param origin whose labels they are, for messages
     * @throws InvalidInputException as {@link #unlabelled}, and if a label is none of the kind's
     */
    public static ClassifiedFile labelled(
            Path file, TextColumns columns, String label, TaskKind kind, String separator, String origin) {
        TaskFile.require(file, WHAT);
        RawExamples raw = TextTable.labelled(file, columns, label);
        List<Long> lines =
                raw.examples().stream().map(example -> example.place().line()).toList();
        return new ClassifiedFile(raw.labelled(NAME, LabelParser.of(kind, separator, origin)), lines);
    }
}
