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
}
