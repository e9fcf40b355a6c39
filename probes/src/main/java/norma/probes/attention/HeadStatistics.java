package norma.probes.attention;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What attention is like, of one head or on average.
 *
 * @param entropy in nats, from 0 (one key) to the logarithm of the number of keys (all alike)
 * @param shares of attention that tokens of each kind get; they sum to 1, unless the softmax is clipped
 */
public record HeadStatistics(double entropy, Map<TokenKind, Double> shares) {
    public HeadStatistics {
        shares = Collections.unmodifiableMap(new EnumMap<>(shares));
    }

    static HeadStatistics of(ToDoubleFunction<TokenKind> share, double entropy) {
        Map<TokenKind, Double> shares = new EnumMap<>(TokenKind.class);
        for (TokenKind kind : TokenKind.values()) {
            shares.put(kind, share.applyAsDouble(kind));
        }
        return new HeadStatistics(entropy, shares);
    }

    /** The share of attention that tokens of a kind get. */
    public double share(TokenKind kind) {
        return shares.get(kind);
    }

    /** The mean of several, each counted once. */
    static HeadStatistics mean(List<HeadStatistics> all) {
        return of(
                kind -> all.stream()
                        .mapToDouble(one -> one.share(kind))
                        .average()
                        .orElseThrow(),
                all.stream().mapToDouble(HeadStatistics::entropy).average().orElseThrow());
    }
}
