package norma.datasets.tasks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import norma.datasets.base.Quoted;

/** From what stands in a label column to a label. */
sealed interface LabelParser {
    /** What kind of task that makes. */
    TaskKind kind();

    /**
     * Reads a cell.
     *
     * @throws norma.datasets.base.InvalidInputException if no label of the task stands there
     */
    Label parse(Place place, String column, String cell);

    /**
     * What reads labels of a kind that is known.
     *
     * @param separator between several labels, or null where they stand in JSON arrays
     * @param origin where the set comes from, for messages
     */
    static LabelParser of(TaskKind kind, String separator, String origin) {
        if (kind instanceof TaskKind.Classification) {
            return new OfClasses(kind.labels(), kind.labels(), origin);
        }
        return kind instanceof TaskKind.MultiLabel
                ? new OfSets(kind.labels(), kind.labels(), separator, origin)
                : new OfNumbers();
    }

    /** Labels by their numbers. */
    private static Map<String, Integer> numbered(List<String> labels) {
        Map<String, Integer> numbers = new HashMap<>();
        labels.forEach(label -> numbers.put(label, numbers.size()));
        return numbers;
    }

    private static String oneOf(Map<String, Integer> numbers) {
        List<String> labels = numbers.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
        return "one of " + Quoted.list(labels);
    }

    /** One class. */
    final class OfClasses implements LabelParser {
        private final List<String> names;
        private final Map<String, Integer> numbers;
        private final String origin;

        /**
         * Classes that are named otherwise than they are written.
         *
         * @param written what stands in the file
         * @param names what each is called
         * @param origin where the set comes from, for messages
         */
        OfClasses(List<String> written, List<String> names, String origin) {
            this.names = names;
            this.numbers = numbered(written);
            this.origin = origin;
        }

        @Override
        public TaskKind kind() {
            return new TaskKind.Classification(names);
        }

        @Override
        public Label parse(Place place, String column, String cell) {
            Integer number = numbers.get(cell);
            if (number == null) {
                throw place.wrong(column, Quoted.excerpt(cell), oneOf(numbers) + origin);
            }
            return new Label.OneClass(number);
        }
    }

    /** Several labels, in a JSON array or between separators. */
    final class OfSets implements LabelParser {
        private static final JsonMapper MAPPER = JsonMapper.builder()
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();

        private final List<String> names;
        private final Map<String, Integer> numbers;
        private final String separator;
        private final String origin;

        /**
         * Labels of a set.
         *
         * @param separator between labels, or null where they stand in a JSON array
         * @param origin where the set comes from, for messages
         */
        OfSets(List<String> written, List<String> names, String separator, String origin) {
            this.names = names;
            this.numbers = numbered(written);
            this.separator = separator;
            this.origin = origin;
        }

        @Override
        public TaskKind kind() {
            return new TaskKind.MultiLabel(names);
        }

        @Override
        public Label parse(Place place, String column, String cell) {
            List<Integer> indices = new ArrayList<>();
            for (String label : labels(place, column, cell, separator)) {
                Integer number = numbers.get(label);
                if (number == null) {
                    throw place.wrong(column, Quoted.excerpt(label), oneOf(numbers) + origin);
                }
                indices.add(number);
            }
            return new Label.Several(indices);
        }

        /** The labels of a cell as they are written. */
        static List<String> labels(Place place, String column, String cell, String separator) {
            Optional<List<String>> array = array(cell);
            if (array.isPresent()) {
                return array.get();
            }
            if (separator == null) {
                throw place.wrong(column, Quoted.excerpt(cell), "labels in a JSON array such as [\"a\", \"b\"]");
            }
            return cell.isBlank()
                    ? List.of()
                    : Arrays.stream(cell.split(Pattern.quote(separator), -1))
                            .map(String::strip)
                            .peek(label -> requireLabel(place, column, cell, label))
                            .toList();
        }

        private static void requireLabel(Place place, String column, String cell, String label) {
            if (label.isEmpty()) {
                throw place.wrong(
                        column, Quoted.excerpt(cell) + " with an empty label", "labels with a separator between");
            }
        }

        /** The elements of a JSON array of texts, numbers or truth values, if it is one. */
        static Optional<List<String>> array(String cell) {
            if (!cell.stripLeading().startsWith("[")) {
                return Optional.empty();
            }
            try {
                JsonNode array = MAPPER.readTree(cell);
                List<String> labels = new ArrayList<>();
                for (JsonNode element : array) {
                    if (!element.isValueNode() || element.isNull()) {
                        return Optional.empty();
                    }
                    labels.add(element.asText());
                }
                return Optional.of(labels);
            } catch (JsonProcessingException e) {
                return Optional.empty(); // a text that starts with a bracket
            }
        }
    }

    /** A number. */
    final class OfNumbers implements LabelParser {
        private static final Pattern DECIMAL = Pattern.compile("\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*");

        private static final Pattern NOT_FINITE =
                Pattern.compile("\\s*[+-]?(nan|inf|infinity)\\s*", Pattern.CASE_INSENSITIVE);

        private final double least;
        private final double most;
        private final String expected;

        /** Any number. */
        OfNumbers() {
            this(-Double.MAX_VALUE, Double.MAX_VALUE, "a finite number");
        }

        /** A number of a scale, both ends included. */
        OfNumbers(double least, double most, String expected) {
            this.least = least;
            this.most = most;
            this.expected = expected;
        }

        @Override
        public TaskKind kind() {
            return new TaskKind.Regression();
        }

        @Override
        public Label parse(Place place, String column, String cell) {
            OptionalDouble number = number(cell);
            if (number.isEmpty() || number.getAsDouble() < least || number.getAsDouble() > most) {
                throw place.wrong(column, Quoted.excerpt(cell), expected);
            }
            return new Label.Target(number.getAsDouble());
        }

        /** The finite decimal number that a cell holds. */
        static OptionalDouble number(String cell) {
            if (!DECIMAL.matcher(cell).matches()) {
                return OptionalDouble.empty();
            }
            double value = Double.parseDouble(cell.strip());
            return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
        }

        /** Whether a cell was meant as a number, finite or not. */
        static boolean isNumeric(String cell) {
            return DECIMAL.matcher(cell).matches() || NOT_FINITE.matcher(cell).matches();
        }
    }
}
