package norma.datasets.objectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import norma.datasets.Samples;
import norma.datasets.batches.HiddenTokens;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokenizer.Tokenizer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
class PermutedSpansTest {
    private static Tokenizer tokenizer;
    private static PredictionRule rule;

    @BeforeAll
    static void open(@TempDir Path folder) {
        tokenizer = Samples.tokenizer(folder);
        rule = new PermutationLm().predictions(tokenizer);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    /** A text of ordinary tokens, framed. */
    private static Sequence sequence(int length, long key) {
        int[] ordinary = IntStream.range(0, tokenizer.vocabularySize())
                .filter(id -> !tokenizer.isSpecial(id))
                .toArray();
        Sequence sequence = new Sequence(length);
        SequenceFrame.Places places = SequenceFormat.XLNET
                .with(tokenizer)
                .single(length - SequenceFormat.XLNET.specialTokens(false), sequence.ids(), sequence.types(), 0);
        for (int i = places.first(); i < length - 2; i++) {
            sequence.ids()[i] = ordinary[CounterHash.below(key, i, ordinary.length)];
        }
        sequence.end(places.end());
        rule.apply(sequence, CounterHash.key(key, "mask"));
        return sequence;
    }

    private static int[] positions(Sequence sequence) {
        return IntStream.range(0, sequence.predictions())
                .map(sequence::predictedPosition)
                .toArray();
    }

    /** Of each token its place in the order. */
    private static int[] order(Sequence sequence) {
        int[] order = new int[sequence.length()];
        Arrays.fill(order, HiddenTokens.InOrder.SHOWN);
        for (int i = 0; i < sequence.predictions(); i++) {
            order[sequence.predictedPosition(i)] = sequence.order()[i];
        }
        return order;
    }

    @Test
    void aboutASixthOfTheTokens_isPredicted_inSpansOfOneToFive() {
        int length = 128;
        int sequences = 2000;
        long predicted = 0;
        int[] spans = new int[2 * 5 + 1];
        for (int key = 0; key < sequences; key++) {
            int[] positions = positions(sequence(length, key));
            predicted += positions.length;
            for (int i = 0, run = 1; i < positions.length; i++, run++) {
                if (i + 1 == positions.length || positions[i + 1] > positions[i] + 1) {
                    spans[run]++; // two that touch are one here
                    run = 0;
                }
            }
        }
        // two special tokens are never predicted; the last piece may end outside the sequence
        assertThat(predicted / (double) (sequences * length)).isCloseTo(1 / 6.0, within(0.004));
        int all = Arrays.stream(spans).sum();
        for (int span = 1; span <= 5; span++) {
            assertThat(spans[span] / (double) all).as("spans of " + span).isBetween(0.13, 0.25);
        }
        assertThat(Arrays.stream(spans, 6, spans.length).sum()).isLessThan(all / 10);
    }

    @Test
    void everyPlaceOfASequence_isPredictedAlikeOften_butForTheSpecialTokens() {
        int length = 60;
        int[] count = new int[length];
        for (int key = 0; key < 6000; key++) {
            Arrays.stream(positions(sequence(length, key))).forEach(i -> count[i]++);
        }
        assertThat(count[length - 1]).isZero();
        assertThat(count[length - 2]).isZero();
        assertThat(Arrays.stream(count, 5, 25).average().orElseThrow() / 6000).isCloseTo(1 / 6.0, within(0.03));
        assertThat(Arrays.stream(count, 30, 50).average().orElseThrow() / 6000).isCloseTo(1 / 6.0, within(0.03));
    }

    @Test
    void tokensStayWhereTheyAre_andAreTheirOwnLabels() {
        Sequence sequence = sequence(128, 7);
        assertThat(sequence.predictions()).isPositive();
        for (int i = 0; i < sequence.predictions(); i++) {
            assertThat(sequence.predictedLabel(i)).isEqualTo(sequence.ids()[sequence.predictedPosition(i)]);
            assertThat(tokenizer.isSpecial(sequence.predictedLabel(i))).isFalse();
        }
        assertThat(Arrays.stream(sequence.ids()).limit(126)).noneMatch(tokenizer::isSpecial);
    }

    @Test
    void noPrediction_learnsOfItsOwnTokenOrALaterOne_throughAnyNumberOfLayers() {
        for (int key = 0; key < 200; key++) {
            Sequence sequence = sequence(48, key);
            int[] order = order(sequence);
            HiddenTokens hidden = new HiddenTokens.InOrder(order.length, order);
            for (int target : positions(sequence)) {
                BitSet known = new BitSet();
                Deque<Integer> open = new ArrayDeque<>();
                visit(hidden, target, order.length, known, open);
                while (!open.isEmpty()) {
                    visit(
                            hidden,
                            open.pop(),
                            order.length,
                            known,
                            open); // a content stream knows itself and what it sees
                }
                for (int other = 0; other < order.length; other++) {
                    boolean mayKnow = order[other] < order[target];
                    assertThat(known.get(other))
                            .as("prediction %d of %s knows %d", target, Arrays.toString(order), other)
                            .isEqualTo(mayKnow);
                }
            }
        }
    }

    private static void visit(HiddenTokens hidden, int query, int length, BitSet known, Deque<Integer> open) {
        for (int key = 0; key < length; key++) {
            if (!hidden.hides(0, query, key) && !known.get(key)) {
                known.set(key);
                open.push(key);
            }
        }
    }

    @Test
    void theOrder_isAPermutation_theFirstHalfOfTheSequenceBeforeTheSecond() {
        Set<String> orders = new HashSet<>();
        int descending = 0;
        for (int key = 0; key < 300; key++) {
            Sequence sequence = sequence(128, key);
            int[] places = sequence.order();
            assertThat(Arrays.stream(places).sorted().toArray())
                    .isEqualTo(IntStream.range(0, sequence.predictions()).toArray());
            int firsts = (int) Arrays.stream(positions(sequence))
                    .filter(position -> position < 64)
                    .count();
            assertThat(IntStream.range(0, firsts).map(i -> places[i])).allMatch(place -> place < firsts);
            orders.add(Arrays.toString(places));
            descending += places[0] > places[1] ? 1 : 0;
        }
        assertThat(orders).hasSize(300);
        assertThat(descending).isBetween(110, 190);
    }

    @Test
    void draws_areAFunctionOfTheKey() {
        assertThat(positions(sequence(128, 5))).isEqualTo(positions(sequence(128, 5)));
        assertThat(sequence(128, 5).order()).isEqualTo(sequence(128, 5).order());
        assertThat(positions(sequence(128, 5))).isNotEqualTo(positions(sequence(128, 6)));
    }

    @Test
    void predictions_areNeverMoreThanSaid_andReachIt() {
        for (int length : new int[] {8, 9, 17, 24, 60}) {
            int most = 0;
            int atMost = PermutationLm.mostPredictions(length);
            for (int key = 0; key < 4000; key++) {
                most = Math.max(most, sequence(length, key).predictions());
            }
            assertThat(most).as("of " + length).isBetween(atMost - 3, atMost);
        }
        assertThat(PermutationLm.mostPredictions(128)).isEqualTo(25);
        assertThat(PermutationLm.mostPredictions(3)).isEqualTo(3);
    }
}
