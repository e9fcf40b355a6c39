package norma.probes.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import norma.datasets.batches.Batch;
import norma.probes.attention.TokenKind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class KindMagnitudesTest {
    private static final TokenKind[] KINDS = {TokenKind.OTHER, TokenKind.CLS, TokenKind.SEP, TokenKind.OTHER};

    /** Two sequences, the second with a place of padding, whose value must not come in. */
    private static Batch batch() {
        return new Batch(
                2, 3, new int[] {1, 3, 2, 1, 2, 0}, new int[6], new int[] {3, 2}, new int[0], new int[0], new int[2]);
    }

    @Test
    void meansAreOverTheTokensOfAKind_ofEachHiddenState() {
        KindMagnitudes magnitudes = new KindMagnitudes(KINDS, 2, 2);
        magnitudes.add(0, batch(), new float[] {1, -1, 2, -2, -8, 4, 3, 5, 6, 2, 1000, 1000});
        magnitudes.add(1, batch(), new float[] {0, 0, 0, 9, 1, 1, 0, 0, -2, 1, 1000, 1000});
        assertThat(magnitudes.of(0, 0).get(TokenKind.CLS)).isCloseTo((1 + 3) / 2.0, within(1e-12));
        assertThat(magnitudes.of(0, 0).get(TokenKind.SEP)).isCloseTo((8 + 6) / 2.0, within(1e-12));
        assertThat(magnitudes.of(0, 1).get(TokenKind.OTHER)).isCloseTo(2, within(1e-12));
        assertThat(magnitudes.of(1, 1).get(TokenKind.OTHER)).isCloseTo(9, within(1e-12));
        assertThat(magnitudes.of(1, 0).get(TokenKind.SEP)).isCloseTo((1 + 2) / 2.0, within(1e-12));
        assertThat(magnitudes.of(0, 0)).doesNotContainKey(TokenKind.PUNCTUATION);
    }

    @Test
    void withoutKinds_thereIsNothing() {
        KindMagnitudes magnitudes = new KindMagnitudes(new TokenKind[0], 2, 2);
        magnitudes.add(0, batch(), new float[12]);
        assertThat(magnitudes.of(0, 0)).isEmpty();
    }
}
