package norma.datasets.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import norma.datasets.metrics.Metric;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class WordNetTaskTest {
    /** Synsets of each lexicographer file: column 2 of the data files, counted with awk, sort and uniq. */
    private static final int[] SYNSETS = {
        14460, 3665, 3625, 51, 6657, 7510, 11605, 3037, 2018, 2973, 5627, 1076, 430, 2575, 2624, 3222, 42, 1546, 11073,
        642, 8032, 1062, 770, 1276, 437, 344, 3547, 2986, 1030, 546, 2388, 698, 1550, 459, 242, 2198, 698, 343, 1411,
        461, 848, 1110, 756, 81, 60
    };

    @Test
    void everyGlossOfWordNet_hasTheClassOfItsLexicographerFile() {
        LabelledTask task = TaskSource.named("wordnet", null).load();
        List<String> classes = ((TaskKind.Classification) task.kind()).labels();
        assertThat(classes).hasSize(45).doesNotHaveDuplicates();
        List<LabelledExample> train = task.train().examples();
        List<LabelledExample> held = task.devs().get(0).examples();
        int[] counts = new int[45];
        Stream.concat(train.stream(), held.stream())
                .forEach(example -> counts[((Label.OneClass) example.label()).index()]++);
        assertThat(counts).isEqualTo(SYNSETS);
        assertThat(held.size() / 117_791.0).isBetween(0.047, 0.053);
        assertThat(train).allMatch(example -> !example.text().isBlank() && example.textPair() == null);

        // equal glosses lie on one side
        Set<String> texts = train.stream().map(LabelledExample::text).collect(Collectors.toCollection(HashSet::new));
        assertThat(held).noneMatch(example -> texts.contains(example.text()));

        List<LabelledExample> all = Stream.concat(train.stream(), held.stream()).toList();
        assertThat(classesOf("Rain gently", all, classes)).containsExactly("verb.weather");
        assertThat(classesOf("Feline mammal usually having thick soft fur", all, classes))
                .containsExactly("noun.animal");
        assertThat(classesOf("An edge tool with a heavy bladed head", all, classes))
                .containsExactly("noun.artifact");
        assertThat(MajorityBaseline.of(task, task.devs().get(0)).get(Metric.ACCURACY))
                .isBetween(0.11, 0.135); // adj.all is 0.123 of all
    }

    private static List<String> classesOf(String start, List<LabelledExample> examples, List<String> classes) {
        return examples.stream()
                .filter(example -> example.text().startsWith(start))
                .map(example -> classes.get(((Label.OneClass) example.label()).index()))
                .distinct()
                .toList();
    }
}
