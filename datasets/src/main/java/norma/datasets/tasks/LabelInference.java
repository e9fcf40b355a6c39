package norma.datasets.tasks;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;
import norma.datasets.base.SettingMention;

/** From a training file's label column to what its labels are. */
final class LabelInference {
    private static final int MOST_NUMBERED_CLASSES = 20; // of whole numbers that do not count up
    private static final int MOST_CLASS_NUMBERS = 1000; // of those that are
    private static final double NUMERIC_SHARE = 0.9; // so that one bad value is an error, not a thousand classes

    private LabelInference() {}

    /**
     * What labels look like.
     *
     * @param choices what was decided of numbers, which may be either, and how to decide otherwise; for people
     */
    record Inferred(LabelType type, List<String> choices) {}

    /**
     * The type that the labels look like. Arrays, or a separator, make it multi-label. Numbers make it regression if
     * any has a fraction, or if there are more than 20 different ones that do not count up from 0 or 1 without a gap.
     * All else is classification.
     */
    static Inferred infer(RawExamples training, String separator) {
        List<String> cells =
                training.examples().stream().map(RawExamples.RawExample::label).toList();
        if (separator != null
                || cells.stream()
                        .allMatch(cell -> LabelParser.OfSets.array(cell).isPresent())) {
            return new Inferred(LabelType.MULTI_LABEL, List.of());
        }
        long numeric = cells.stream().filter(LabelParser.OfNumbers::isNumeric).count();
        if (numeric < NUMERIC_SHARE * cells.size()) {
            return new Inferred(LabelType.CLASSIFICATION, List.of());
        }
        TreeSet<Double> numbers = cells.stream()
                .flatMap(cell -> LabelParser.OfNumbers.number(cell).stream().boxed())
                .collect(Collectors.toCollection(TreeSet::new));
        return ofNumbers(numbers, training.file() + ", column " + training.labelColumn());
    }

    private static Inferred ofNumbers(SortedSet<Double> numbers, String source) {
        OptionalDouble fraction = numbers.stream()
                .mapToDouble(Double::doubleValue)
                .filter(number -> number != Math.rint(number))
                .findFirst();
        if (numbers.isEmpty() || fraction.isPresent()) {
            return regression(source + ": the labels are numbers, not all of them whole"
                    + (fraction.isPresent() ? ": " + fraction.getAsDouble() : ""));
        }
        String whole = String.format(
                Locale.ROOT,
                "%s: the labels are %d whole numbers from %.0f to %.0f",
                source,
                numbers.size(),
                numbers.first(),
                numbers.last());
        if (numbers.size() <= MOST_NUMBERED_CLASSES) {
            return classification(whole + ", no more than " + MOST_NUMBERED_CLASSES);
        }
        return countUp(numbers)
                ? classification(whole + " without a gap")
                : regression(whole + ", more than " + MOST_NUMBERED_CLASSES + ", which do not count up from 0 or 1");
    }

    private static Inferred classification(String reason) {
        return new Inferred(
                LabelType.CLASSIFICATION,
                List.of(reason + ", so each is a class (" + SettingMention.of("kind", "regression")
                        + " makes them numbers to predict)"));
    }

    private static Inferred regression(String reason) {
        return new Inferred(
                LabelType.REGRESSION,
                List.of(reason + ", so they are numbers to predict (" + SettingMention.of("kind", "classification")
                        + " makes each a class)"));
    }

    /** Whether they are 0, 1, 2, … or 1, 2, 3, … */
    private static boolean countUp(SortedSet<Double> numbers) {
        double first = numbers.first();
        return (first == 0 || first == 1)
                && numbers.last() - first == numbers.size() - 1
                && numbers.size() <= MOST_CLASS_NUMBERS;
    }

    /** What reads the labels, of a set that is the training file's. */
    static LabelParser parser(RawExamples training, LabelType type, String separator) {
        if (type == LabelType.REGRESSION) {
            return new LabelParser.OfNumbers();
        }
        Set<String> labels = new LinkedHashSet<>();
        for (RawExamples.RawExample example : training.examples()) {
            if (type == LabelType.MULTI_LABEL) {
                labels.addAll(
                        LabelParser.OfSets.labels(example.place(), training.labelColumn(), example.label(), separator));
            } else if (example.label().isBlank()) {
                throw example.place().wrong(training.labelColumn(), "an empty label", "a class");
            } else {
                labels.add(example.label());
            }
        }
        int least = type == LabelType.MULTI_LABEL ? 1 : 2;
        if (labels.size() < least) {
            throw InvalidInputException.of(
                    training.file(),
                    "column " + training.labelColumn(),
                    labels.isEmpty()
                            ? "no label"
                            : "only the label "
                                    + Quoted.beginning(labels.iterator().next()),
                    "at least " + least + (least == 1 ? " label" : " different ones"));
        }
        List<String> sorted = sorted(labels);
        String origin = ", the labels of " + training.file();
        return type == LabelType.MULTI_LABEL
                ? new LabelParser.OfSets(sorted, sorted, separator, origin)
                : new LabelParser.OfClasses(sorted, sorted, origin);
    }

    /** By value if all are numbers, else by character codes. */
    private static List<String> sorted(Set<String> labels) {
        boolean numbers = labels.stream()
                .allMatch(label -> LabelParser.OfNumbers.number(label).isPresent());
        Comparator<String> byValue = Comparator.comparingDouble(
                label -> LabelParser.OfNumbers.number(label).orElseThrow());
        return labels.stream()
                .sorted(numbers ? byValue.thenComparing(Comparator.naturalOrder()) : Comparator.naturalOrder())
                .toList();
    }
}
