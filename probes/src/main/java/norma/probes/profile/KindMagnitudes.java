package norma.probes.profile;

import java.util.EnumMap;
import java.util.Map;
import norma.datasets.batches.Batch;
import norma.probes.attention.TokenKind;
import norma.probes.outliers.HiddenStateListener;

/**
 * Mean |x| of every dimension over the tokens of a kind, for each hidden state. In a Transformer whose heads rest on
 * separators, the outlier dimensions are large on these and not on words (Puccetti et al. 2022, section 4; Bondarenko
 * et al. 2023, section 3). Padding is left out.
 */
final class KindMagnitudes implements HiddenStateListener {
    private final TokenKind[] kinds;
    private final int hidden;
    private final Map<TokenKind, Sums> ofKinds = new EnumMap<>(TokenKind.class);

    /** Of the tokens of a kind: of each hidden state how many there are, and |x| of each dimension summed over them. */
    private static final class Sums {
        private final double[][] magnitudes;
        private final long[] tokens;

        Sums(int states, int hidden) {
            magnitudes = new double[states][hidden];
            tokens = new long[states];
        }
    }

    /**
     * Nothing gathered yet.
     *
     * @param kinds of every id; empty if nothing is known of them
     * @param states how many, N + 1 in a model of one stack
     * @param hidden H
     */
    KindMagnitudes(TokenKind[] kinds, int states, int hidden) {
        this.kinds = kinds;
        this.hidden = hidden;
        for (TokenKind kind : TokenKind.values()) {
            ofKinds.put(kind, new Sums(states, hidden));
        }
    }

    @Override
    public void add(int index, Batch batch, float[] values) {
        if (kinds.length == 0) {
            return;
        }
        for (int row = 0; row < batch.rows(); row++) {
            int first = row * batch.length();
            for (int t = first; t < first + batch.lengths()[row]; t++) {
                Sums sums = ofKinds.get(kinds[batch.inputIds()[t]]);
                sums.tokens[index]++;
                for (int d = 0; d < hidden; d++) {
                    sums.magnitudes[index][d] += Math.abs(values[t * hidden + d]);
                }
            }
        }
    }

    /**
     * The means of one dimension, without the kinds that did not occur.
     *
     * @param state which hidden state
     */
    Map<TokenKind, Double> of(int state, int dimension) {
        Map<TokenKind, Double> means = new EnumMap<>(TokenKind.class);
        ofKinds.forEach((kind, sums) -> {
            if (sums.tokens[state] > 0) {
                means.put(kind, sums.magnitudes[state][dimension] / sums.tokens[state]);
            }
        });
        return means;
    }
}
