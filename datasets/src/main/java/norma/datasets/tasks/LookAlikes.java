package norma.datasets.tasks;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import norma.datasets.base.Quoted;

/** Labels that look the same to a reader and differ to a program. */
final class LookAlikes {
    private static final int MOST_SAID = 5;
    private static final Pattern INVISIBLE = Pattern.compile("\\p{Cf}"); // such as a byte-order mark
    private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Z}]+");

    private LookAlikes() {}

    /**
     * A sentence for each group of them.
     *
     * @param labels different ones
     * @param source where they stand
     */
    static List<String> said(List<String> labels, String source) {
        Map<String, List<String>> groups = labels.stream()
                .collect(Collectors.groupingBy(LookAlikes::look, LinkedHashMap::new, Collectors.toList()));
        List<String> said = new ArrayList<>();
        for (List<String> group : groups.values()) {
            if (group.size() > 1 && said.size() < MOST_SAID) {
                said.add(source + ": " + group.stream().map(Quoted::excerpt).collect(Collectors.joining(" and "))
                        + " count as different labels; they differ only in " + difference(group));
            }
        }
        return said;
    }

    /** What a reader sees: of a number its value, of a text its characters with single blanks between. */
    private static String look(String label) {
        OptionalDouble number = LabelParser.OfNumbers.number(label);
        if (number.isPresent()) {
            return Double.toString(number.getAsDouble() + 0.0); // -0 as 0
        }
        String plain = INVISIBLE
                .matcher(Normalizer.normalize(label, Normalizer.Form.NFKC))
                .replaceAll("");
        return BLANKS.matcher(plain).replaceAll(" ").strip();
    }

    private static String difference(List<String> group) {
        long withoutBlanks = group.stream()
                .map(label -> BLANKS.matcher(label).replaceAll(""))
                .distinct()
                .count();
        if (withoutBlanks == 1) {
            return "blanks";
        }
        return LabelParser.OfNumbers.number(group.get(0)).isPresent()
                ? "how a number is written"
                : "how characters are coded";
    }
}
