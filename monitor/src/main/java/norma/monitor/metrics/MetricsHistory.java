package norma.monitor.metrics;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;
import norma.datasets.files.FileProblem;
import norma.datasets.files.GrowingLines;
import norma.probes.emergence.Plateau;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsReader;

/** All of a run's metrics as columns. Several threads may use it. */
public final class MetricsHistory {
    private static final String COUNT = "count";

    private final String name;
    private final GrowingLines lines;
    private Table training = new Table();
    private Table validation = new Table();
    private Table outliers = new Table();
    private final List<int[]> outlierDimensions = new ArrayList<>();
    private long linesRead;
    private long lastStep = -1;
    private int resets;
    private Optional<String> problem = Optional.empty();

    /** Of a file that need not exist yet; {@link #readOn} fills it. */
    public MetricsHistory(Path file) {
        name = file.getParent().getFileName() + "/" + file.getFileName();
        lines = new GrowingLines(file, MetricsReader.LONGEST_LINE);
    }

    /**
     * Up to where a reader has got.
     *
     * @param resets how often the file was begun again before
     */
    public record Place(int training, int validation, int outliers, int resets) {}

    /** Reads what the file has gained. A damaged line ends it: {@link #problem}. */
    public synchronized void readOn() {
        if (problem.isPresent() && lines.position() == 0) {
            problem = Optional.empty();
        }
        try {
            lines.readOn(new GrowingLines.Taker() {
                @Override
                public boolean line(byte[] bytes, int from, int length) {
                    take(bytes, from, length);
                    return true;
                }

                @Override
                public long again() {
                    reset();
                    return 0;
                }

                @Override
                public IOException tooLong(int bytes) {
                    return new IOException("line " + (linesRead + 1) + " has more than " + bytes + " bytes");
                }
            });
            problem = Optional.empty();
        } catch (IOException e) {
            problem = Optional.of(name + ": cannot be read: " + FileProblem.reason(e));
        } catch (InvalidInputException e) {
            problem = Optional.of(e.getMessage());
        }
    }

    private void take(byte[] bytes, int from, int length) {
        LoggedFigures line;
        try {
            line = LoggedFigures.parse(bytes, from, length);
        } catch (IOException e) {
            throw new InvalidInputException(
                    name + ": line " + (linesRead + 1) + " is damaged: found "
                            + Quoted.of(new String(bytes, from, Math.min(length, 80), StandardCharsets.UTF_8))
                            + ", expected a JSON object with a step",
                    e);
        }
        linesRead++;
        add(line);
    }

    /** Adds a line; one of a step that has been is left out. */
    void add(LoggedFigures line) {
        if (line.step() <= lastStep) {
            return;
        }
        lastStep = line.step();
        if (!line.training().isEmpty()) {
            training.add(line.step(), line.training());
        }
        if (!line.validation().isEmpty()) {
            validation.add(line.step(), line.validation());
        }
        if (line.outliers() != null) {
            outliers.add(line.step(), Map.of(COUNT, (double) line.outliers().length));
            outlierDimensions.add(line.outliers());
        }
    }

    private void reset() {
        training = new Table();
        validation = new Table();
        outliers = new Table();
        outlierDimensions.clear();
        linesRead = 0;
        lastStep = -1;
        resets++;
    }

    /** Why the file could not be read to its end. */
    public synchronized Optional<String> problem() {
        return problem;
    }

    /** Bytes in memory. */
    synchronized long bytes() {
        return training.bytes() + validation.bytes() + outliers.bytes() + 16L * outlierDimensions.size();
    }

    /** Where the file stands. */
    public synchronized Place place() {
        return new Place(training.rows(), validation.rows(), outliers.rows(), resets);
    }

    /** All rows since a place, exact: training, validation, outliers. */
    public synchronized ObjectNode since(Place place) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("training", training.json(place.training()));
        json.set("validation", validation.json(place.validation()));
        json.set("outliers", outliers.json(place.outliers()));
        return json;
    }

    /**
     * All rows, or groups of them.
     *
     * @param points most rows of a table
     */
    public synchronized ObjectNode json(int points) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("training", training.json(0, points));
        json.set("validation", validation.json(0, points));
        json.set("outliers", outliers.json(0, points));
        ObjectNode downsampled = json.putObject("downsampled");
        downsampled.set("training", training.downsampling(points));
        downsampled.set("validation", validation.downsampling(points));
        downsampled.set("outliers", outliers.downsampling(points));
        json.put("rows", training.rows());
        problem.ifPresent(sentence -> json.put("problem", sentence));
        return json;
    }

    /** All rows of a table, exact; empty if there is no such table. */
    public synchronized Optional<String> csv(String kind) {
        return switch (kind) {
            case "training" -> Optional.of(training.csv());
            case "validation" -> Optional.of(validation.csv());
            case "outliers" -> Optional.of(outliers.csv());
            default -> Optional.empty();
        };
    }

    /** Which dimensions are outliers by the paper's rule, at the logged steps at which that changes and at the last. */
    public synchronized ObjectNode outlierDimensions(int points) {
        ObjectNode json = outliers.json(0, points);
        json.set("downsampled", outliers.downsampling(points));
        ArrayNode changes = json.putArray("changes");
        int[] before = null;
        for (int row = 0; row < outliers.rows() && changes.size() < points; row++) {
            int[] now = outlierDimensions.get(row);
            if (before == null || !Arrays.equals(before, now)) {
                ArrayNode dimensions =
                        changes.addObject().put("step", outliers.step(row)).putArray("dimensions");
                for (int dimension : now) {
                    dimensions.add(dimension);
                }
            }
            before = now;
        }
        return json;
    }

    /** The plateau on which the validation loss is or was; null where that cannot be said. */
    public synchronized ObjectNode plateau() {
        double level = lastValidation(MetricNames.CONTEXT_FREE_LOSS);
        if (Double.isNaN(level)) {
            return null;
        }
        TreeMap<Long, Double> losses = new TreeMap<>();
        for (int row = 0; row < validation.rows(); row++) {
            double loss = validation.value(MetricNames.LOSS, row);
            if (!Double.isNaN(loss)) {
                losses.put(validation.step(row), loss);
            }
        }
        Plateau plateau = Plateau.of(level, losses);
        return plateau.json().put("sentence", plateau.sentence());
    }

    /** The last number in a column of the validation; NaN if there is none. */
    public synchronized double lastValidation(String column) {
        for (int row = validation.rows() - 1; row >= 0; row--) {
            double value = validation.value(column, row);
            if (!Double.isNaN(value)) {
                return value;
            }
        }
        return Double.NaN;
    }
}
