package norma.datasets.tasks;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;

/** From a training file's label column to what its labels are. */
final class LabelInference {
    private static final int MOST_NUMBERED_CLASSES = 20; // of whole numbers that are not 0, 1, 2, …
    private static final int MOST_CLASS_NUMBERS = 1000; // of those that are
    private static final double NUMERIC_SHARE = 0.9; // so that one bad value is an error, not a thousand classes

    private LabelInference() {}

    /**
     * The type that the labels look like. Arrays, or a separator, make it multi-label. Numbers make it regression if
     * any has a fraction, or if there are more than 20 different ones that are not just the class numbers 0, 1, 2, …
     * All else is classification.
     */
    static LabelType type(RawExamples training, String separator) {
        List<String> cells =
                training.examples().stream().map(RawExamples.RawExample::label).toList();
        if (separator != null
                || cells.stream()
                        .allMatch(cell -> LabelParser.OfSets.array(cell).isPresent())) {
            return LabelType.MULTI_LABEL;
        }
        long numeric = cells.stream().filter(LabelParser.OfNumbers::isNumeric).count();
        if (numeric < NUMERIC_SHARE * cells.size()) {
            return LabelType.CLASSIFICATION;
        }
        Set<Double> numbers = cells.stream()
                .flatMap(cell -> LabelParser.OfNumbers.number(cell).stream().boxed())
                .collect(Collectors.toCollection(TreeSet::new));
        boolean whole = numbers.stream().allMatch(number -> number == Math.rint(number));
        return whole && (numbers.size() <= MOST_NUMBERED_CLASSES || areClassNumbers(numbers))
                ? LabelType.CLASSIFICATION
                : LabelType.REGRESSION;
    }

    private static boolean areClassNumbers(Set<Double> numbers) {
        return numbers.size() <= MOST_CLASS_NUMBERS
                && IntStream.range(0, numbers.size()).allMatch(i -> numbers.contains((double) i));
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
                            : "only the label " + labels.iterator().next(),
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
