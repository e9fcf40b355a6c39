package norma.probes.attention;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardObserver;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;

/**
 * What every head's attention is like on some text: means over all its queries that are no padding.
 *
 * @param layers from 0; in each its heads, from 0
 */
public record AttentionStatistics(List<List<HeadStatistics>> layers) {
    public AttentionStatistics {
        layers = layers.stream().map(List::copyOf).toList();
    }

    /** Measures a model as it is now. */
    static AttentionStatistics measure(PretrainedModel bert, List<Batch> batches, TokenKind[] kinds) {
        int heads = bert.config().numAttentionHeads();
        HeadAttention[][] sums = new HeadAttention[bert.config().numHiddenLayers()][heads];
        for (HeadAttention[] layer : sums) {
            for (int head = 0; head < heads; head++) {
                layer[head] = new HeadAttention();
            }
        }
        for (Batch batch : batches) {
            List<Map<TokenKind, int[]>> keys = IntStream.range(0, batch.rows())
                    .mapToObj(row -> keys(batch, row, kinds))
                    .toList();
            try (BatchState state = bert.advance(batch, 0)) {
                bert.lastHiddenState(state, new ForwardObserver() {
                    @Override
                    public boolean wantsAttentionProbs() {
                        return true;
                    }

                    @Override
                    public void attentionProbs(AttentionKind kind, int layer, float[] values) {
                        if (kind == AttentionKind.QUERY) {
                            return; // of places, not of tokens
                        }
                        int s = batch.length();
                        for (int row = 0; row < batch.rows(); row++) {
                            for (int head = 0; head < heads; head++) {
                                int start = (row * heads + head) * s * s;
                                sums[layer][head].add(values, start, s, batch.lengths()[row], keys.get(row));
                            }
                        }
                    }
                });
            }
        }
        List<List<HeadStatistics>> layers = new ArrayList<>();
        for (HeadAttention[] layer : sums) {
            layers.add(Arrays.stream(layer).map(HeadAttention::mean).toList());
        }
        return new AttentionStatistics(layers);
    }

    /** Positions of a row by their kind, padding left out. */
    static Map<TokenKind, int[]> keys(Batch batch, int row, TokenKind[] kinds) {
        Map<TokenKind, int[]> keys = new EnumMap<>(TokenKind.class);
        for (TokenKind kind : TokenKind.values()) {
            keys.put(
                    kind,
                    IntStream.range(0, batch.lengths()[row])
                            .filter(key -> kinds[batch.inputIds()[row * batch.length() + key]] == kind)
                            .toArray());
        }
        return keys;
    }

    /**
     * What attention would be like if every query looked at all tokens that it sees alike.
     *
     * @param causal whether it sees itself and those before it, not all of its sequence's
     */
    static HeadStatistics uniform(List<Batch> batches, TokenKind[] kinds, boolean causal) {
        Map<TokenKind, Double> received = new EnumMap<>(TokenKind.class);
        double entropy = 0;
        long queries = 0;
        for (Batch batch : batches) {
            for (int row = 0; row < batch.rows(); row++) {
                int n = batch.lengths()[row];
                double[] toKey = new double[n]; // from all queries together
                for (int query = 0; causal && query < n; query++) {
                    entropy += Math.log(query + 1);
                    for (int key = 0; key <= query; key++) {
                        toKey[key] += 1.0 / (query + 1);
                    }
                }
                if (!causal) {
                    entropy += n * Math.log(n);
                    Arrays.fill(toKey, 1); // 1/n from each of the n queries
                }
                queries += n;
                keys(batch, row, kinds)
                        .forEach((kind, at) -> received.merge(
                                kind,
                                IntStream.of(at).mapToDouble(key -> toKey[key]).sum(),
                                Double::sum));
            }
        }
        long all = queries;
        return HeadStatistics.of(kind -> received.get(kind) / all, entropy / all);
    }

    /** The mean of several models' statistics, head by head. */
    static AttentionStatistics mean(List<AttentionStatistics> all) {
        List<List<HeadStatistics>> layers = new ArrayList<>();
        for (int layer = 0; layer < all.get(0).layers().size(); layer++) {
            int l = layer;
            layers.add(IntStream.range(0, all.get(0).layers().get(l).size())
                    .mapToObj(head -> HeadStatistics.mean(all.stream()
                            .map(one -> one.layers().get(l).get(head))
                            .toList()))
                    .toList());
        }
        return new AttentionStatistics(layers);
    }

    /** The mean over all heads. */
    public HeadStatistics mean() {
        return HeadStatistics.mean(layers.stream().flatMap(List::stream).toList());
    }

    /** The mean over a layer's heads. */
    public HeadStatistics layerMean(int layer) {
        return HeadStatistics.mean(layers.get(layer));
    }
}
