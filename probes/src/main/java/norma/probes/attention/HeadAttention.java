package norma.probes.attention;

import java.util.EnumMap;
import java.util.Map;

/**
 * Sums over queries of what one head's attention is like. Queries that are padding do not count.
 *
 * <p>Entropy of a query is -sum p ln p over the keys (nats; 0 ln 0 = 0); a kind's share is the sum of p over the keys
 * of that kind. Padding keys get exactly 0 from the model, so shares of the kinds sum to 1. With a clipped softmax p is
 * what clipping leaves, which need not sum to 1.
 */
final class HeadAttention {
    private final Map<TokenKind, Double> shares = new EnumMap<>(TokenKind.class);
    private double entropy;
    private long queries;

    /**
     * Adds the queries of one sequence.
     *
     * @param probs of a layer, query before key, row-major
     * @param start where this sequence's and head's (S, S) begins
     * @param s S
     * @param n tokens of the sequence that are no padding
     * @param keys the sequence's positions by kind
     */
    void add(float[] probs, int start, int s, int n, Map<TokenKind, int[]> keys) {
        for (Map.Entry<TokenKind, int[]> kind : keys.entrySet()) {
            double share = 0;
            for (int query = 0; query < n; query++) {
                for (int key : kind.getValue()) {
                    double p = probs[start + query * s + key];
                    share += p;
                    entropy -= p == 0 ? 0 : p * Math.log(p); // NaN stays NaN
                }
            }
            shares.merge(kind.getKey(), share, Double::sum);
        }
        queries += n;
    }

    /** Mean over the queries. */
    HeadStatistics mean() {
        return HeadStatistics.of(kind -> shares.getOrDefault(kind, 0.0) / queries, entropy / queries);
    }
}
