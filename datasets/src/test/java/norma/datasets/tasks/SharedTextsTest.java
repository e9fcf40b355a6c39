package norma.datasets.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class SharedTextsTest {
    private static LabelledExample example(String text, String pair, int label) {
        return new LabelledExample(text, pair, new Label.OneClass(label));
    }

    private static List<LabelledExample> examples(int number) {
        return IntStream.range(0, number)
                .mapToObj(i -> example("text " + i, null, i % 2))
                .toList();
    }

    private static Set<String> texts(List<LabelledExample> examples) {
        return examples.stream().map(LabelledExample::text).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource({"1000, 0.1, 100", "1000, 0.333, 333", "7, 0.5, 4", "10, 0.94, 9"})
    void theShare_isMetToTheExample_andNoExampleIsLost(int number, double share, int held) {
        SharedTexts.Parts parts = SharedTexts.split(examples(number), share, "a.tsv");
        assertThat(parts.held()).hasSize(held);
        List<LabelledExample> all = new ArrayList<>(parts.train());
        all.addAll(parts.held());
        assertThat(all).containsExactlyInAnyOrderElementsOf(examples(number));
        assertThat(parts.train())
                .isSubsetOf(examples(number))
                .isSortedAccordingTo((a, b) -> Integer.compare(
                        examples(number).indexOf(a), examples(number).indexOf(b)));
    }

    @Test
    void whatIsHeldOut_dependsOnTheTextsAlone() {
        List<LabelledExample> shuffled = new ArrayList<>(examples(200));
        Collections.shuffle(shuffled, new Random(5));
        List<LabelledExample> relabelled =
                shuffled.stream().map(one -> example(one.text(), null, 0)).toList();
        Set<String> held = texts(SharedTexts.split(examples(200), 0.2, "a.tsv").held());
        assertThat(texts(SharedTexts.split(relabelled, 0.2, "b.tsv").held())).isEqualTo(held);
    }

    @Test
    void aLargerShare_holdsOutWhatASmallerOneDoes() {
        Set<String> small = texts(SharedTexts.split(examples(200), 0.1, "a.tsv").held());
        Set<String> large = texts(SharedTexts.split(examples(200), 0.4, "a.tsv").held());
        assertThat(large).containsAll(small);
    }

    @Test
    void equalTexts_areOnOneSide_andAPairIsOneText() {
        List<LabelledExample> examples = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            examples.add(example("text " + i % 40, "pair " + i % 3, i % 2));
        }
        SharedTexts.Parts parts = SharedTexts.split(examples, 0.25, "a.tsv");
        Set<String> both = new HashSet<>();
        parts.train().forEach(one -> both.add(one.text() + "/" + one.textPair()));
        Set<String> held = new HashSet<>();
        parts.held().forEach(one -> held.add(one.text() + "/" + one.textPair()));
        both.retainAll(held);
        assertThat(both).isEmpty();
        assertThat(parts.held()).hasSizeBetween(75, 78); // whole groups of two or three
    }

    @ParameterizedTest
    @CsvSource({"3, 0.1", "10, 0.96", "1, 0.5"})
    void aShareThatLeavesASideEmpty_isRefused(int number, double share) {
        assertThatThrownBy(() -> SharedTexts.split(examples(number), share, "a.tsv"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("task: dev_share: found " + share + ", expected a share that leaves some of the " + number
                        + " examples of a.tsv, " + number + " of them with different texts, on either side");
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "-0.1", "2", "NaN"})
    void whatIsNoShare_isRefused(double share) {
        assertThatThrownBy(() -> new HeldOut.Share(share))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("expected a share of the training file, above 0 and below 1");
    }
}
