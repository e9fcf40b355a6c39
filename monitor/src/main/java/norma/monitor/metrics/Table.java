package norma.monitor.metrics;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Columns of numbers over steps; NaN where a row has no value. */
final class Table {
    private static final int FIRST = 256;

    private long[] steps = new long[FIRST];
    private final Map<String, double[]> columns = new LinkedHashMap<>();
    private int rows;

    /** Adds a row; a new column is NaN before it. */
    void add(long step, Map<String, Double> values) {
        if (rows == steps.length) {
            steps = Arrays.copyOf(steps, 2 * rows);
            columns.replaceAll((name, column) -> longer(column, 2 * rows));
        }
        values.keySet().forEach(name -> columns.computeIfAbsent(name, key -> longer(new double[0], steps.length)));
        steps[rows] = step;
        columns.forEach((name, column) -> column[rows] = values.getOrDefault(name, Double.NaN));
        rows++;
    }

    private static double[] longer(double[] column, int length) {
        double[] longer = Arrays.copyOf(column, length);
        Arrays.fill(longer, column.length, length, Double.NaN);
        return longer;
    }

    int rows() {
        return rows;
    }

    long step(int row) {
        return steps[row];
    }

    /** A value; NaN where there is none. */
    double value(String column, int row) {
        return columns.containsKey(column) ? columns.get(column)[row] : Double.NaN;
    }

    /** Bytes in memory. */
    long bytes() {
        return (long) steps.length * Long.BYTES * (1 + columns.size());
    }

    /** The rows from one on, as columns. */
    ObjectNode json(int from) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode step = json.putArray("step");
        for (int row = from; row < rows; row++) {
            step.add(steps[row]);
        }
        columns.forEach((name, column) -> {
            ArrayNode values = json.putArray(name);
            for (int row = from; row < rows; row++) {
                put(values, column[row]);
            }
        });
        return json;
    }

    /** All rows as text, a cell empty where a row has no value; numbers have all their digits. */
    String csv() {
        StringBuilder text = new StringBuilder("step");
        columns.keySet().forEach(name -> text.append(',').append(name));
        text.append('\n');
        for (int row = 0; row < rows; row++) {
            text.append(steps[row]);
            for (double[] column : columns.values()) {
                text.append(',');
                if (!Double.isNaN(column[row])) {
                    text.append(column[row]);
                }
            }
            text.append('\n');
        }
        return text.toString();
    }

    /**
     * At most so many rows, as columns: where there are more, two for each group of rows, at its first and its last
     * step, with the smallest and the largest value of the group in the order in which they came.
     */
    ObjectNode json(int from, int most) {
        if (rows - from <= most) {
            return json(from);
        }
        int group = rowsPerGroup(from, most);
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode step = json.putArray("step");
        for (int first = from; first < rows; first += group) {
            int last = Math.min(rows, first + group) - 1;
            step.add(steps[first]);
            if (last > first) {
                step.add(steps[last]);
            }
        }
        columns.forEach((name, column) -> {
            ArrayNode values = json.putArray(name);
            for (int first = from; first < rows; first += group) {
                extremes(column, first, Math.min(rows, first + group), values);
            }
        });
        return json;
    }

    private int rowsPerGroup(int from, int most) {
        int groups = Math.max(1, most / 2);
        return (rows - from + groups - 1) / groups;
    }

    private static void extremes(double[] column, int from, int to, ArrayNode into) {
        int least = -1;
        int largest = -1;
        for (int row = from; row < to; row++) {
            if (!Double.isNaN(column[row])) {
                least = least < 0 || column[row] < column[least] ? row : least;
                largest = largest < 0 || column[row] > column[largest] ? row : largest;
            }
        }
        int first = Math.min(least, largest);
        int second = Math.max(least, largest);
        put(into, first < 0 ? Double.NaN : column[first]);
        if (to - from > 1) {
            put(into, second < 0 ? Double.NaN : column[second]);
        }
    }

    /** How {@link #json(int, int)} makes fewer rows of them; null if all are there. */
    ObjectNode downsampling(int most) {
        if (rows <= most) {
            return null;
        }
        int group = rowsPerGroup(0, most);
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("rows", rows);
        json.put("points", 2 * ((rows + group - 1) / group));
        json.put("rows_per_group", group);
        json.put("method", String.format(Locale.ROOT, "min and max of each %,d logged steps", group));
        return json;
    }

    private static void put(ArrayNode values, double value) {
        if (Double.isFinite(value)) {
            values.add(value);
        } else {
            values.addNull();
        }
    }
}
