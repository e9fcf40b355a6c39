package norma.datasets.batches;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
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
                    for (int position : masked(probability, wholeWords, example).positions()) {
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
                int[] ids = sequence.clone();
                Masking.Predictions out = new Masking.Predictions();
                new Masking(tokenizer, 0.15, wholeWords).apply(ids, 0, ids.length, key(example), out);
                for (int i = 0; i < out.positions().length; i++) {
                    int now = ids[out.positions()[i]];
                    chosen++;
                    masks += now == tokenizer.maskId() ? 1 : 0;
                    same += now == out.labels()[i] ? 1 : 0;
                    if (now != tokenizer.maskId() && now != out.labels()[i]) {
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
            Masking.Predictions out = new Masking.Predictions();
            new Masking(tokenizer, 0.15, true).apply(cut.clone(), 0, cut.length, key(example), out);
            boolean[] chosen = new boolean[cut.length];
            for (int position : out.positions()) {
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
        TokenizerConfig config = new TokenizerConfig("bpe", 300, false, null);
        List<String> pieces = List.of("one", "\n", "two", " six", ".", "\n", "one");
        int[] wordOfPiece = {0, 1, 2, 3, 3, 4, 5};
        try (Tokenizer bpe = TokenizerTraining.train(
                config, SequenceFormat.BERT, List.of("a\n\nb").iterator(), Progress.NONE)) {
            List<Integer> wordOf = new ArrayList<>();
            List<int[]> encoded = bpe.encode(pieces);
            for (int piece = 0; piece < pieces.size(); piece++) {
                wordOf.addAll(Collections.nCopies(encoded.get(piece).length, wordOfPiece[piece]));
            }
            int[] ids = bpe.encode(List.of(String.join("", pieces))).get(0);
            assertThat(ids).hasSameSizeAs(wordOf).hasSizeGreaterThan(pieces.size());
            int[] boundaries = new int[5]; // chosen differently from the word before
            for (int example = 0; example < EXAMPLES; example++) {
                Masking.Predictions out = new Masking.Predictions();
                new Masking(bpe, 0.15, true).apply(ids.clone(), 0, ids.length, key(example), out);
                BitSet chosen = new BitSet();
                Arrays.stream(out.positions()).forEach(chosen::set);
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
            int[] ids = sequence.clone();
            Masking.Predictions out = new Masking.Predictions();
            new Masking(tokenizer, 0.3, false).apply(ids, 0, ids.length, key(example), out);
            assertThat(out.positions()).isSorted().doesNotHaveDuplicates();
            for (int i = 0; i < out.positions().length; i++) {
                ids[out.positions()[i]] = out.labels()[i];
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

    private Masking.Predictions masked(double probability, boolean wholeWords, int example) {
        Masking.Predictions out = new Masking.Predictions();
        new Masking(tokenizer, probability, wholeWords).apply(sequence.clone(), 0, sequence.length, key(example), out);
        return out;
    }

    private static long key(int example) {
        return CounterHash.key(7, "mask", 0, example);
    }

    private static double bound(double share, int draws) {
        return 5 * Math.sqrt(share * (1 - share) / draws);
    }
}
