package norma.probes.attention;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import norma.datasets.batches.Batch;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardObserver;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;

/**
 * What every head's attention is like on some text: means over all its queries that are no padding.
 *
 * @param places which attention each of the layers is; in a model of one stack the layers from 0
 * @param layers in each its heads, from 0
 */
public record AttentionStatistics(List<AttentionLayer> places, List<List<HeadStatistics>> layers) {
    public AttentionStatistics {
        places = List.copyOf(places);
        layers = layers.stream().map(List::copyOf).toList();
    }

    /** Measures a model as it is now. */
    static AttentionStatistics measure(PretrainedModel bert, List<Batch> batches, TokenKind[] kinds) {
        Map<AttentionLayer, List<HeadAttention>> sums = new TreeMap<>();
        for (Batch batch : batches) {
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
                        Batch queries = AttentionLayer.queries(kind, state.batch());
                        Batch keys = AttentionLayer.keys(kind, state.batch());
                        int map = queries.length() * keys.length();
                        int heads = values.length / (batch.rows() * map);
                        List<HeadAttention> sum = sums.computeIfAbsent(
                                new AttentionLayer(kind, layer), key -> Stream.generate(HeadAttention::new)
                                        .limit(heads)
                                        .toList());
                        for (int row = 0; row < batch.rows(); row++) {
                            Map<TokenKind, int[]> ofKinds = keys(keys, row, kinds);
                            for (int head = 0; head < heads; head++) {
                                int start = (row * heads + head) * map;
                                sum.get(head).add(values, start, keys.length(), queries.lengths()[row], ofKinds);
                            }
                        }
                    }
                });
            }
        }
        return new AttentionStatistics(
                List.copyOf(sums.keySet()),
                sums.values().stream()
                        .map(layer -> layer.stream().map(HeadAttention::mean).toList())
                        .toList());
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
     * @param of which attention: a decoder's query sees itself and those before it, others see all tokens of the row
     */
    static HeadStatistics uniform(List<Batch> batches, TokenKind[] kinds, AttentionKind of) {
        boolean causal = of == AttentionKind.DECODER;
        Map<TokenKind, Double> received = new EnumMap<>(TokenKind.class);
        double entropy = 0;
        long queries = 0;
        for (Batch batch : batches) {
            for (int row = 0; row < batch.rows(); row++) {
                int n = AttentionLayer.queries(of, batch).lengths()[row];
                Batch attended = AttentionLayer.keys(of, batch);
                int m = attended.lengths()[row];
                double[] toKey = new double[m]; // from all queries together
                for (int query = 0; causal && query < n; query++) {
                    entropy += Math.log(query + 1);
                    for (int key = 0; key <= query; key++) {
                        toKey[key] += 1.0 / (query + 1);
                    }
                }
                if (!causal) {
                    entropy += n * Math.log(m);
                    Arrays.fill(toKey, (double) n / m); // 1/m from each of the n queries
                }
                queries += n;
                keys(attended, row, kinds)
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
        return new AttentionStatistics(all.get(0).places(), layers);
    }

    /** The kinds of attention that the model has. */
    public List<AttentionKind> kinds() {
        return places.stream().map(AttentionLayer::kind).distinct().toList();
    }

    /** The mean over all heads of one kind of attention. */
    public HeadStatistics mean(AttentionKind kind) {
        return HeadStatistics.mean(IntStream.range(0, layers.size())
                .filter(layer -> places.get(layer).kind() == kind)
                .mapToObj(layers::get)
                .flatMap(List::stream)
                .toList());
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
