package norma.probes.attention;

import java.util.List;

/**
 * What attention is like, of one head or on average.
 *
 * @param entropy in nats, from 0 (one key) to the logarithm of the number of keys (all alike)
 * @param shares of attention by {@link TokenKind}, in its order; they sum to 1
 */
@SuppressWarnings("ArrayRecordComponent") // made once, read; never compared
public record HeadStatistics(double entropy, double[] shares) {
    /** The share of attention that tokens of a kind get. */
    public double share(TokenKind kind) {
        return shares[kind.ordinal()];
    }

    /** The mean of several, each counted once. */
    static HeadStatistics mean(List<HeadStatistics> all) {
        double[] shares = new double[TokenKind.values().length];
        double entropy = 0;
        for (HeadStatistics one : all) {
            entropy += one.entropy() / all.size();
            for (int kind = 0; kind < shares.length; kind++) {
                shares[kind] += one.shares()[kind] / all.size();
            }
        }
        return new HeadStatistics(entropy, shares);
    }
}
