package norma.datasets.objectives;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.Samples;
import norma.datasets.base.Progress;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.datasets.tokenizer.TokenizerTraining;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shares are held against binomial bounds of five standard deviations, at fixed seeds. */
@Tag("engine")
class MaskingTest {
    private static final int EXAMPLES = 4000;

    @TempDir
    Path folder;

    private Tokenizer tokenizer;
    private int[] sequence;

    @BeforeEach
    void open() {
        tokenizer = Samples.tokenizer(folder);
        int[] text = tokenizer
                .encode(List.of(Samples.sentences(1, 6) + " unwordly unwordly unword."))
                .get(0);
        sequence = new int[text.length + 3];
        sequence[0] = tokenizer.clsId();
        System.arraycopy(text, 0, sequence, 1, 20);
        sequence[21] = tokenizer.sepId(); // a document ends
        System.arraycopy(text, 20, sequence, 22, text.length - 20);
        sequence[text.length + 2] = tokenizer.sepId();
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void eachTokenIsChosenWithTheProbabilityAsked() {
        for (double probability : new double[] {0.15, 0.4}) {
            for (boolean wholeWords : new boolean[] {false, true}) {
                int[] chosen = new int[sequence.length];
                for (int example = 0; example < EXAMPLES; example++) {
                    for (int position : positions(masked(probability, wholeWords, example))) {
                        chosen[position]++;
                    }
                }
                double bound = 5 * Math.sqrt(probability * (1 - probability) / EXAMPLES);
                long total = 0;
                int maskable = 0;
                for (int i = 0; i < sequence.length; i++) {
                    boolean special = tokenizer.isSpecial(sequence[i]);
                    assertThat(chosen[i] / (double) EXAMPLES)
                            .as("position %d", i)
                            .isBetween(special ? 0 : probability - bound, special ? 0 : probability + bound);
                    total += chosen[i];
                    maskable += special ? 0 : 1;
                }
                System.out.printf(
                        "probability %.2f, whole words %s: share %.5f of %,d maskable tokens%n",
                        probability, wholeWords, total / (double) EXAMPLES / maskable, (long) maskable * EXAMPLES);
            }
        }
    }

    @Test
    void eightyPercentAreMaskedTenRandomTenLeft() {
        for (boolean wholeWords : new boolean[] {false, true}) {
            int masks = 0;
            int same = 0;
            int chosen = 0;
            int[] drawn = new int[tokenizer.vocabularySize()];
            for (int example = 0; example < EXAMPLES; example++) {
                Sequence out = masked(0.15, wholeWords, example);
                for (int i = 0; i < out.predictions(); i++) {
                    int now = out.ids()[out.predictedPosition(i)];
                    chosen++;
                    masks += now == tokenizer.maskId() ? 1 : 0;
                    same += now == out.predictedLabel(i) ? 1 : 0;
                    if (now != tokenizer.maskId() && now != out.predictedLabel(i)) {
                        drawn[now]++;
                    }
                }
            }
            int ordinary = tokenizer.vocabularySize() - 5;
            System.out.printf(
                    "whole words %s: of %,d chosen %.4f [MASK], %.4f unchanged%n",
                    wholeWords, chosen, masks / (double) chosen, same / (double) chosen);
            double unchanged = 0.1 + 0.1 / ordinary; // a random draw can hit the token itself
            assertThat(masks / (double) chosen).isBetween(0.8 - bound(0.8, chosen), 0.8 + bound(0.8, chosen));
            assertThat(same / (double) chosen)
                    .isBetween(unchanged - bound(unchanged, chosen), unchanged + bound(unchanged, chosen));
            int replaced = Arrays.stream(drawn).sum();
            for (int id = 0; id < drawn.length; id++) {
                if (tokenizer.isSpecial(id)) {
                    assertThat(drawn[id]).as("special token %d", id).isZero();
                } else {
                    double share = 1.0 / ordinary;
                    assertThat(drawn[id] / (double) replaced)
                            .as("token %d", id)
                            .isBetween(share - bound(share, replaced), share + bound(share, replaced));
                }
            }
        }
    }

    @Test
    void tokensOfAWordAreChosenTogether_andTheRestOfACutWordIsAWord() {
        int word = id("##word");
        int[] cut = {tokenizer.clsId(), word, id("##ly"), id("time"), id("un"), word, id("##ly"), tokenizer.sepId()};
        int rest = 0;
        for (int example = 0; example < EXAMPLES; example++) {
            Sequence out = masked(tokenizer, 0.15, true, cut, example);
            boolean[] chosen = new boolean[cut.length];
            for (int position : positions(out)) {
                chosen[position] = true;
            }
            assertThat(chosen[2]).isEqualTo(chosen[1]);
            assertThat(chosen[5]).isEqualTo(chosen[4]);
            assertThat(chosen[6]).isEqualTo(chosen[4]);
            rest += chosen[1] ? 1 : 0;
        }
        assertThat(rest / (double) EXAMPLES).isBetween(0.15 - bound(0.15, EXAMPLES), 0.15 + bound(0.15, EXAMPLES));
    }

    @Test
    void wordsOfByteLevelTokens_doNotGoOnBehindALineBreak() {
        TokenizerConfig config = new TokenizerConfig("bpe", 300, false, null, null);
        List<String> pieces = List.of("one", "\n", "two", " six", ".", "\n", "one");
        int[] wordOfPiece = {0, 1, 2, 3, 3, 4, 5};
        try (Tokenizer bpe = TokenizerTraining.train(
                        config, SequenceFormat.BERT, List.of("a\n\nb").iterator(), Progress.NONE)
                .tokenizer()) {
            List<Integer> wordOf = new ArrayList<>();
            List<int[]> encoded = bpe.encode(pieces);
            for (int piece = 0; piece < pieces.size(); piece++) {
                wordOf.addAll(Collections.nCopies(encoded.get(piece).length, wordOfPiece[piece]));
            }
            int[] ids = bpe.encode(List.of(String.join("", pieces))).get(0);
            assertThat(ids).hasSameSizeAs(wordOf).hasSizeGreaterThan(pieces.size());
            int[] boundaries = new int[5]; // chosen differently from the word before
            for (int example = 0; example < EXAMPLES; example++) {
                Sequence out = masked(bpe, 0.15, true, ids, example);
                BitSet chosen = new BitSet();
                Arrays.stream(positions(out)).forEach(chosen::set);
                for (int i = 1; i < ids.length; i++) {
                    int word = wordOf.get(i - 1);
                    if (wordOf.get(i) == word) {
                        assertThat(chosen.get(i)).as("token %d", i).isEqualTo(chosen.get(i - 1));
                    } else {
                        boundaries[word] += chosen.get(i) == chosen.get(i - 1) ? 0 : 1;
                    }
                }
            }
            double apart = 2 * 0.15 * 0.85;
            for (int count : boundaries) {
                assertThat(count / (double) EXAMPLES)
                        .isBetween(apart - bound(apart, EXAMPLES), apart + bound(apart, EXAMPLES));
            }
        }
    }

    @Test
    void positionsAscend_labelsAreTheTokensThatStoodThere_andNothingElseChanges() {
        for (int example = 0; example < 100; example++) {
            Sequence out = masked(0.3, false, example);
            int[] ids = out.ids().clone();
            assertThat(positions(out)).isSorted().doesNotHaveDuplicates();
            for (int i = 0; i < out.predictions(); i++) {
                ids[out.predictedPosition(i)] = out.predictedLabel(i);
            }
            assertThat(ids).isEqualTo(sequence);
        }
    }

    private int id(String token) {
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
            if (tokenizer.token(id).equals(token)) {
                return id;
            }
        }
        throw new AssertionError(token);
    }

    private Sequence masked(double probability, boolean wholeWords, int example) {
        return masked(tokenizer, probability, wholeWords, sequence, example);
    }

    private static Sequence masked(
            Tokenizer tokenizer, double probability, boolean wholeWords, int[] ids, int example) {
        Sequence masked = new Sequence(ids.length);
        System.arraycopy(ids, 0, masked.ids(), 0, ids.length);
        masked.end(ids.length);
        new Masking(tokenizer, probability, wholeWords).apply(masked, key(example));
        return masked;
    }

    private static int[] positions(Sequence masked) {
        return IntStream.range(0, masked.predictions())
                .map(masked::predictedPosition)
                .toArray();
    }

    private static long key(int example) {
        return CounterHash.key(7, "mask", 0, example);
    }

    private static double bound(double share, int draws) {
        return 5 * Math.sqrt(share * (1 - share) / draws);
    }
}
