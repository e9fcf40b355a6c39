package norma.sweep.report;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A sweep as CSV, a line for each run, full precision. */
public final class SweepCsv {
    private static final List<String> FIGURES = List.of(
            "seed",
            "state",
            "step",
            "training_loss",
            "validation_loss",
            "outliers",
            "dimensions",
            "cost",
            "random_cost",
            "rule_step",
            "departure_step",
            "t10");

    private SweepCsv() {}

    /** A column for each swept key after the run's and the point's name; cells that have no value are empty. */
    public static String of(SweepResult result) {
        List<String> swept = result.plan().swept();
        StringBuilder csv = new StringBuilder();
        csv.append(line(Stream.of(List.of("run", "point"), swept, FIGURES).flatMap(List::stream)));
        for (RunResult run : result.runs()) {
            Stream<Object> point = Stream.concat(
                    Stream.of(run.run().name(), run.run().point().name()),
                    swept.stream()
                            .map(key -> Objects.requireNonNullElse(
                                    run.run().point().values().get(key), "")));
            csv.append(line(Stream.concat(
                    point,
                    Stream.of(
                            run.run().seed(),
                            run.state().label(),
                            text(run.step()),
                            text(run.trainingLoss()),
                            text(run.validationLoss()),
                            list(run.outliers()),
                            list(run.dimensions()),
                            text(run.ownCost()),
                            text(run.randomCost()),
                            text(run.ruleStep()),
                            text(run.departureStep()),
                            text(run.t10())))));
        }
        return csv.toString();
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }

    private static String list(List<Integer> values) {
        return values == null ? "" : values.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private static String line(Stream<?> cells) {
        return cells.map(SweepCsv::cell).collect(Collectors.joining(",", "", "\n"));
    }

    private static String cell(Object value) {
        String text = value.toString();
        return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
