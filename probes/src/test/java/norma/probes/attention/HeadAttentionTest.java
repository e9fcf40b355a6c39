package norma.probes.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import norma.datasets.batches.Batch;
import norma.trainer.model.AttentionKind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entropy and shares of attention that can be worked out by hand. */
@Tag("unit")
class HeadAttentionTest {
    private static final TokenKind[] KINDS = {TokenKind.OTHER, TokenKind.CLS, TokenKind.SEP, TokenKind.PUNCTUATION};

    @Test
    void entropyAndShares_areMeansOverTheQueriesThatAreNoPadding() {
        // [CLS] . [SEP] and one padding token, whose query row must not count.
        Batch batch = batch(4, new int[] {1, 3, 2, 0}, 3);
        float[] probs = {
            0.5f, 0.25f, 0.25f, 0, //
            0, 0, 1, 0, //
            0.25f, 0.25f, 0.5f, 0, //
            1, 0, 0, 0
        };
        HeadAttention head = new HeadAttention();
        head.add(probs, 0, 4, 3, AttentionStatistics.keys(batch, 0, KINDS));
        HeadStatistics mean = head.mean();
        // (1/2, 1/4, 1/4): ln 2 / 2 + 2 ln 4 / 4 = 1.5 ln 2, twice; a certain one has none.
        assertThat(mean.entropy()).isCloseTo(2 * 1.5 * Math.log(2) / 3, within(1e-12));
        assertThat(mean.share(TokenKind.CLS)).isCloseTo(0.25, within(1e-12));
        assertThat(mean.share(TokenKind.PUNCTUATION)).isCloseTo(0.5 / 3, within(1e-12));
        assertThat(mean.share(TokenKind.SEP)).isCloseTo(1.75 / 3, within(1e-12));
        assertThat(mean.share(TokenKind.OTHER)).isZero();
    }

    @Test
    void attentionThatIsNoNumber_hasNoEntropy() {
        HeadAttention head = new HeadAttention();
        Batch batch = batch(2, new int[] {1, 2}, 2);
        head.add(new float[] {1, 0, Float.NaN, Float.NaN}, 0, 2, 2, AttentionStatistics.keys(batch, 0, KINDS));
        assertThat(head.mean().entropy()).isNaN();
    }

    @Test
    void severalSequences_weighAsManyAsTheirQueries() {
        Batch batch = batch(3, new int[] {1, 2, 0}, 2);
        HeadAttention head = new HeadAttention();
        Map<TokenKind, int[]> keys = AttentionStatistics.keys(batch, 0, KINDS);
        head.add(new float[] {1, 0, 0, 1, 0, 0, 9, 9, 9}, 0, 3, 2, keys);
        Batch single = batch(1, new int[] {2}, 1);
        head.add(new float[] {7, 1}, 1, 1, 1, AttentionStatistics.keys(single, 0, KINDS));
        assertThat(head.mean().share(TokenKind.CLS)).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(head.mean().share(TokenKind.SEP)).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(head.mean().entropy()).isZero();
    }

    @Test
    void uniformAttention_hasTheLogarithmOfTheLength_andTheTokensOwnShares() {
        List<Batch> batches = List.of(batch(4, new int[] {1, 3, 2, 0}, 3), batch(2, new int[] {1, 2}, 2));
        HeadStatistics uniform = AttentionStatistics.uniform(batches, KINDS, AttentionKind.ENCODER);
        assertThat(uniform.entropy()).isCloseTo((3 * Math.log(3) + 2 * Math.log(2)) / 5, within(1e-12));
        assertThat(uniform.shares())
                .isEqualTo(Map.of(
                        TokenKind.CLS, 0.4, TokenKind.SEP, 0.4, TokenKind.PUNCTUATION, 0.2, TokenKind.OTHER, 0.0));
    }

    @Test
    void uniformCausalAttention_looksAtTheQueryAndThoseBeforeIt() {
        List<Batch> batches = List.of(batch(4, new int[] {1, 3, 2, 0}, 3));
        HeadStatistics uniform = AttentionStatistics.uniform(batches, KINDS, AttentionKind.DECODER);
        assertThat(uniform.entropy()).isCloseTo((Math.log(2) + Math.log(3)) / 3, within(1e-12));
        assertThat(uniform.share(TokenKind.CLS)).isCloseTo((1 + 1 / 2.0 + 1 / 3.0) / 3, within(1e-12));
        assertThat(uniform.share(TokenKind.PUNCTUATION)).isCloseTo((1 / 2.0 + 1 / 3.0) / 3, within(1e-12));
        assertThat(uniform.share(TokenKind.SEP)).isCloseTo(1 / 9.0, within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(strings = {".", ",", "...", "$", "+", "~", "“", "—", "、", "`", "(", "_"})
    void marks_arePunctuation(String token) {
        assertThat(TokenKind.isPunctuation(token)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "1", "a.", "é", "中", "€", "½", "a-b"})
    void wordsDigitsAndOtherSymbols_areNot(String token) {
        assertThat(TokenKind.isPunctuation(token)).isFalse();
    }

    private static Batch batch(int s, int[] ids, int n) {
        return new Batch(1, s, ids, new int[s], new int[] {n}, new int[0], new int[0], null);
    }
}
