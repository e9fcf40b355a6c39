package norma.datasets.tasks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.datasets.random.CounterHash;

/**
 * Examples of one file, cut into those to train on and those that are held out. Which are held out depends on the texts
 * and the share alone, not on a seed or the order of the file, and examples of equal texts stay together, so that no
 * held-out text has been trained on.
 */
final class SharedTexts {
    private SharedTexts() {}

    /** The two parts, each in the order of the file. */
    record Parts(List<LabelledExample> train, List<LabelledExample> held) {}

    /**
     * Holds out the texts whose hashes are the smallest, until they make up the share, rounded to whole examples.
     *
     * @param source where the examples come from, for the message
     * @throws InvalidInputException if one of the parts would be empty
     */
    static Parts split(List<LabelledExample> examples, double share, String source) {
        Map<String, Integer> copies = new LinkedHashMap<>();
        examples.forEach(example -> copies.merge(texts(example), 1, Integer::sum));
        List<String> order = copies.keySet().stream()
                .sorted(Comparator.comparingDouble(SharedTexts::place).thenComparing(Comparator.naturalOrder()))
                .toList();
        long wanted = Math.round(share * examples.size());
        Set<String> held = new HashSet<>();
        int taken = 0;
        for (String texts : order) {
            if (taken >= wanted) {
                break;
            }
            held.add(texts);
            taken += copies.get(texts);
        }
        if (taken == 0 || taken == examples.size()) {
            throw InvalidInputException.of(
                    "task",
                    "dev_share",
                    share,
                    "a share that leaves some of the " + examples.size() + " examples of " + source + ", "
                            + copies.size() + " of them with different texts, on either side");
        }
        Parts parts = new Parts(new ArrayList<>(), new ArrayList<>());
        examples.forEach(example -> (held.contains(texts(example)) ? parts.held : parts.train).add(example));
        return parts;
    }

    private static String texts(LabelledExample example) {
        return example.textPair() == null ? example.text() : example.text() + '\0' + example.textPair();
    }

    private static double place(String texts) {
        return CounterHash.uniform(CounterHash.key(0, texts), 0);
    }
}
