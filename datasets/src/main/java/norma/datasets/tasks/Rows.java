package norma.datasets.tasks;

import java.util.List;
import norma.datasets.base.Quoted;

/** The rows of a table, one after the other. */
interface Rows extends AutoCloseable {
    /**
     * The next row; null after the last.
     *
     * @throws norma.datasets.base.InvalidInputException if it is damaged, not UTF-8, or lacks a wanted column
     */
    Row next();

    @Override
    void close();

    /** The columns that a header names, wanted ones among them. */
    record Header(List<String> columns, List<Integer> wanted) {

        /** Finds the wanted columns in a header. */
        static Header of(Place place, List<String> columns, List<String> wanted) {
            for (int i = 0; i < columns.size(); i++) {
                if (columns.subList(0, i).contains(columns.get(i))) {
                    throw place.wrong(
                            "the column " + Quoted.beginning(columns.get(i)) + " twice", "column names that differ");
                }
            }
            for (String name : wanted) {
                if (!columns.contains(name)) {
                    throw noColumn(place, name, columns);
                }
            }
            return new Header(
                    List.copyOf(columns), wanted.stream().map(columns::indexOf).toList());
        }

        static RuntimeException noColumn(Place place, String name, List<String> columns) {
            return place.wrong("no column " + Quoted.beginning(name), "one of those there: " + Quoted.list(columns));
        }

        Row row(Place place, List<String> cells) {
            return new Row(place, wanted.stream().map(cells::get).toList());
        }
    }
}
