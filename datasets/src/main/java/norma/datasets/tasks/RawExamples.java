package norma.datasets.tasks;

import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.InvalidInputException;

/**
 * Texts and labels as they are written in a file.
 *
 * @param file its path
 * @param labelColumn the name of the label's column
 * @param examples at least one
 * @param leftOut numbers of damaged lines
 */
record RawExamples(String file, String labelColumn, List<RawExample> examples, List<Long> leftOut) {

    /**
     * A row.
     *
     * @param textPair or null
     */
    record RawExample(Place place, String text, String textPair, String label) {}

    /**
     * Reads rows to the end and closes them.
     *
     * @param columns what was asked of the rows: label, text, and maybe a second text
     * @param emptyTexts whether a text may be empty
     */
    static RawExamples read(String file, Rows rows, List<String> columns, boolean emptyTexts) {
        List<RawExample> examples = new ArrayList<>();
        List<Long> leftOut = new ArrayList<>();
        try (rows) {
            for (Row row = rows.next(); row != null; row = rows.next()) {
                if (row.isDamaged()) {
                    leftOut.add(row.place().line());
                    continue;
                }
                if (!emptyTexts) {
                    row.requireTexts(columns, 1);
                }
                List<String> cells = row.cells();
                examples.add(new RawExample(
                        row.place(), cells.get(1), cells.size() > 2 ? cells.get(2) : null, cells.get(0)));
            }
        }
        if (examples.isEmpty()) {
            throw new InvalidInputException(file + ": found no examples, expected at least one");
        }
        return new RawExamples(file, columns.get(0), examples, leftOut);
    }

    /** The examples with their labels read. */
    LabelledSplit labelled(String name, LabelParser parser) {
        List<LabelledExample> labelled = new ArrayList<>(examples.size());
        for (RawExample raw : examples) {
            Label label = parser.parse(raw.place(), labelColumn, raw.label());
            labelled.add(new LabelledExample(raw.text(), raw.textPair(), label));
        }
        return new LabelledSplit(name, file, labelled, leftOut);
    }
}
