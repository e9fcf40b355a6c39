package norma.probes.attention;

import norma.datasets.batches.Batch;

/**
 * Sums over queries of what one head's attention is like. Queries that are padding do not count.
 *
 * <p>Entropy of a query is -sum p ln p over the keys (nats; 0 ln 0 = 0); a kind's share is the sum of p over the keys
 * of that kind. Padding keys get exactly 0 from the model, so shares of the kinds sum to 1.
 */
final class HeadAttention {
    private final double[] shares = new double[TokenKind.values().length];
    private double entropy;
    private long queries;

    /**
     * Adds the queries of one row of a batch.
     *
     * @param probs (B, A, S, S): query before key, row-major
     * @param heads A
     * @param kinds of every token id
     */
    void add(float[] probs, Batch batch, int row, int head, int heads, TokenKind[] kinds) {
        int s = batch.length();
        int n = batch.lengths()[row];
        for (int query = 0; query < n; query++) {
            int start = ((row * heads + head) * s + query) * s;
            for (int key = 0; key < n; key++) {
                double p = probs[start + key];
                if (p > 0) {
                    entropy -= p * Math.log(p);
                    shares[kinds[batch.inputIds()[row * s + key]].ordinal()] += p;
                }
            }
        }
        queries += n;
    }

    /** Mean over the queries. */
    HeadStatistics mean() {
        double[] means = shares.clone();
        for (int kind = 0; kind < means.length; kind++) {
            means[kind] /= queries;
        }
        return new HeadStatistics(entropy / queries, means);
    }
}
