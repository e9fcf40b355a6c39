package norma.datasets.objectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.Samples;
import norma.datasets.base.InvalidInputException;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.SpecialToken;
import norma.datasets.tokenizer.Tokenizer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sequences of tokens that are all different, so that it can be seen what became of each. */
@Tag("engine")
class TextInfillingTest {
    private static final int LENGTH = 122;

    @TempDir
    Path folder;

    private Tokenizer tokenizer;
    private int maskId;
    private int[] sequence;

    @BeforeEach
    void open() {
        StringBuilder vocabulary = new StringBuilder("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
        IntStream.range(0, LENGTH).forEach(i -> vocabulary.append("w").append(i).append('\n'));
        tokenizer = Tokenizer.load(Samples.write(folder.resolve("vocab.txt"), vocabulary.toString()));
        maskId = tokenizer.id(SpecialToken.MASK).orElseThrow();
        int[] ordinary = IntStream.range(0, tokenizer.vocabularySize())
                .filter(id -> !tokenizer.isSpecial(id))
                .limit(LENGTH - 2)
                .toArray();
        sequence = framed(ordinary);
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    private int[] framed(int[] text) {
        int[] framed = new int[text.length + 2];
        framed[0] = tokenizer.clsId();
        System.arraycopy(text, 0, framed, 1, text.length);
        framed[text.length + 1] = tokenizer.sepId();
        return framed;
    }

    private Sequence infilled(int[] ids, double probability, long example) {
        Sequence made = new Sequence(ids.length);
        System.arraycopy(ids, 0, made.ids(), 0, ids.length);
        made.end(ids.length);
        new TextInfilling(tokenizer, probability).apply(made, CounterHash.key(1, "mask", example));
        return made;
    }

    private static int[] read(Sequence made) {
        return Arrays.copyOf(made.ids(), made.length());
    }

    private int masks(Sequence made) {
        return (int) Arrays.stream(read(made)).filter(id -> id == maskId).count();
    }

    /** Lengths of what each mask stands for, 0 where nothing does. */
    private int[] spans(Sequence made) {
        int[] ids = read(made);
        int[] spans = new int[masks(made)];
        int at = 0;
        int original = 0;
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] != maskId) {
                original++;
                continue;
            }
            int next = i + 1;
            int span = 0;
            while (ids[next] != sequence[original + span]) { // two masks never stand side by side
                span++;
            }
            spans[at++] = span;
            original += span;
        }
        return spans;
    }

    @Test
    void everyTokenOfTheText_isPredicted_andTheFrameToo() {
        Sequence made = infilled(sequence, 0.3, 0);
        assertThat(made.target()).containsExactly(sequence);
        assertThat(made.predictions()).isEqualTo(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            assertThat(made.predictedPosition(i)).isEqualTo(i);
            assertThat(made.predictedLabel(i)).isEqualTo(sequence[i]);
        }
    }

    @Test
    void whatIsNotMasked_standsInItsOrder_andTheFrameStays() {
        for (int example = 0; example < 300; example++) {
            Sequence made = infilled(sequence, 0.3, example);
            int[] ids = read(made);
            assertThat(ids[0]).isEqualTo(tokenizer.clsId());
            assertThat(ids[ids.length - 1]).isEqualTo(tokenizer.sepId());
            int at = 0;
            for (int id : ids) {
                while (id != maskId && sequence[at] != id) {
                    at++; // runs off the end if the order is another
                }
            }
            for (int i = 1; i < ids.length; i++) {
                assertThat(ids[i] == maskId && ids[i - 1] == maskId).isFalse();
            }
            assertThat(ids.length).isLessThanOrEqualTo(LENGTH);
        }
    }

    /** 120 tokens, of which 36 or, where 0.304 is asked for, 36 or 37 are masked. */
    @Test
    void theShareThatIsMasked_isExact_andInExpectationWhereItIsNoWholeNumber() {
        double sum = 0;
        int examples = 4000;
        for (int example = 0; example < examples; example++) {
            assertThat(Arrays.stream(spans(infilled(sequence, 0.3, example))).sum())
                    .isEqualTo(36);
            int masked =
                    Arrays.stream(spans(infilled(sequence, 0.304, example))).sum();
            assertThat(masked).isBetween(36, 37);
            sum += masked;
        }
        double deviation = Math.sqrt(0.48 * 0.52 / examples);
        assertThat(sum / examples).isCloseTo(0.304 * 120, within(5 * deviation));
    }

    /**
     * Poisson's shares within five standard deviations, of sequences so long that the last span, which is cut, hardly
     * counts: of n spans it is one, so shares may be off by 1 / n.
     */
    @Test
    void spansAreAsLongAsPoissonOfMean3Says_withThoseOfLength0() {
        long[] counts = new long[40];
        long all = 0;
        int examples = 4000;
        for (int example = 0; example < examples; example++) {
            for (int span : spans(infilled(sequence, 0.5, example))) {
                counts[span]++;
                all++;
            }
        }
        double expected = Math.exp(-3);
        for (int length = 0; length < 9; length++) {
            double bound = 5 * Math.sqrt(expected * (1 - expected) / all) + (double) examples / all / 4;
            assertThat((double) counts[length] / all).as("length " + length).isCloseTo(expected, within(bound));
            expected *= 3.0 / (length + 1);
        }
        assertThat(counts[0]).as("masks that stand for nothing").isPositive();
    }

    @Test
    void everyPlaceOfTheText_isMaskedAsOften() {
        int examples = 6000;
        int[] masked = new int[LENGTH];
        for (int example = 0; example < examples; example++) {
            int[] ids = read(infilled(sequence, 0.3, example));
            for (int i = 0; i < LENGTH; i++) {
                int id = sequence[i];
                masked[i] += Arrays.stream(ids).noneMatch(one -> one == id) ? 1 : 0;
            }
        }
        assertThat(masked[0] + masked[LENGTH - 1]).as("the frame").isZero();
        double bound = 5 * Math.sqrt(0.3 * 0.7 / examples);
        for (int i = 10; i < LENGTH - 10; i++) {
            assertThat((double) masked[i] / examples).as("place " + i).isCloseTo(0.3, within(0.02 + bound));
        }
    }

    @Test
    void specialTokensInTheText_areNeverMasked_andInterruptASpan() {
        int[] text = sequence.clone();
        for (int i = 5; i < LENGTH - 1; i += 5) {
            text[i] = tokenizer.sepId();
        }
        long separators =
                Arrays.stream(text).filter(id -> id == tokenizer.sepId()).count();
        int interrupted = 0;
        for (int example = 0; example < 300; example++) {
            int[] ids = read(infilled(text, 0.4, example));
            assertThat(Arrays.stream(ids).filter(id -> id == tokenizer.sepId())).hasSize((int) separators);
            assertThat(ids.length).isLessThanOrEqualTo(LENGTH);
            for (int i = 1; i + 1 < ids.length; i++) {
                interrupted += ids[i] == tokenizer.sepId() && ids[i - 1] == maskId && ids[i + 1] == maskId ? 1 : 0;
            }
        }
        assertThat(interrupted).isPositive();
    }

    @Test
    void shortTextsAndLargeShares_areNeverLongerThanTheyWere() {
        for (int tokens = 1; tokens < 8; tokens++) {
            int[] text = framed(Arrays.copyOfRange(sequence, 1, 1 + tokens));
            for (double probability : new double[] {0.1, 0.3, 0.95}) {
                for (int example = 0; example < 200; example++) {
                    Sequence made = infilled(text, probability, example);
                    assertThat(made.length()).isBetween(2, text.length);
                    assertThat(made.target()).containsExactly(text);
                }
            }
        }
    }

    @Test
    void theSameDraws_giveTheSame_andOthersOthers() {
        assertThat(read(infilled(sequence, 0.3, 7))).containsExactly(read(infilled(sequence, 0.3, 7)));
        assertThat(read(infilled(sequence, 0.3, 7))).isNotEqualTo(read(infilled(sequence, 0.3, 8)));
    }

    @Test
    void optionsThatDoNotGoWithIt_areRefusedByName() {
        assertThat(Objective.of("denoising", null, null)).isEqualTo(new Denoising(0.3));
        assertThat(Objective.of("denoising", 0.5, false)).isEqualTo(new Denoising(0.5));
        assertThatThrownBy(() -> Objective.of("denoising", 1.0, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("data: mask_probability: found 1.0, expected a probability between 0 and 1");
        assertThatThrownBy(() -> Objective.of("denoising", null, true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("data: whole_word_masking: found true, expected none, because objective denoising masks"
                        + " spans of tokens");
        assertThat(List.of(Objective.of("denoising", null, null).tokenLoss())).isSubsetOf(Objective.tokenLosses());
    }
}
