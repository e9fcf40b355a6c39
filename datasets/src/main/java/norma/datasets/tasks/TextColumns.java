package norma.datasets.tasks;

import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.InvalidInputException;

/**
 * Columns of a table that hold what a model reads.
 *
 * @param text the column of the text
 * @param textPair the column of the second text, or null where there is one text
 */
public record TextColumns(String text, String textPair) {
    /** Checks that they differ. */
    public TextColumns {
        if (text.equals(textPair)) {
            throw new InvalidInputException(
                    "columns: found " + text + " for the text and for the second text, expected different ones");
        }
    }

    /**
     * Their names, after that of the label's column.
     *
     * @throws InvalidInputException if the label's is one of them
     */
    List<String> after(String label) {
        if (names().contains(label)) {
            throw new InvalidInputException(
                    "columns: found " + label + " for a text and for the label, expected different ones");
        }
        List<String> columns = new ArrayList<>(List.of(label));
        columns.addAll(names());
        return columns;
    }

    /** Their names. */
    List<String> names() {
        return textPair == null ? List.of(text) : List.of(text, textPair);
    }
}
