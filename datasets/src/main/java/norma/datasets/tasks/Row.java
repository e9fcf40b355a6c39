package norma.datasets.tasks;

import java.util.List;

/**
 * The wanted columns of one row.
 *
 * @param place its first line
 * @param cells a text for every wanted column, in the order asked for; empty if the row is damaged
 */
record Row(Place place, List<String> cells) {
    boolean isDamaged() {
        return cells.isEmpty();
    }

    /**
     * Refuses an empty text.
     *
     * @param columns names of the cells
     * @param first the first of them that is a text
     */
    void requireTexts(List<String> columns, int first) {
        for (int i = first; i < columns.size(); i++) {
            if (cells.get(i).isBlank()) {
                throw place.wrong(columns.get(i), "an empty text", "a text");
            }
        }
    }
}
