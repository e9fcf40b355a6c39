package norma.probes.attention;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.trainer.bert.BatchState;
import norma.trainer.bert.ForwardObserver;
import norma.trainer.bert.PretrainedBert;

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
    static AttentionStatistics measure(PretrainedBert bert, List<Batch> batches, TokenKind[] kinds) {
        int heads = bert.config().numAttentionHeads();
        HeadAttention[][] sums = new HeadAttention[bert.config().numHiddenLayers()][heads];
        for (HeadAttention[] layer : sums) {
            for (int head = 0; head < heads; head++) {
                layer[head] = new HeadAttention();
            }
        }
        for (Batch batch : batches) {
            try (BatchState state = bert.advance(batch, 0)) {
                bert.lastHiddenState(state, new ForwardObserver() {
                    @Override
                    public boolean wantsAttentionProbs() {
                        return true;
                    }

                    @Override
                    public void attentionProbs(int layer, float[] values) {
                        for (int row = 0; row < batch.rows(); row++) {
                            for (int head = 0; head < heads; head++) {
                                sums[layer][head].add(values, batch, row, head, heads, kinds);
                            }
                        }
                    }
                });
            }
        }
        List<List<HeadStatistics>> layers = new ArrayList<>();
        for (HeadAttention[] layer : sums) {
            layers.add(java.util.Arrays.stream(layer).map(HeadAttention::mean).toList());
        }
        return new AttentionStatistics(layers);
    }

    /** What attention would be like if every query looked at all of its sequence's tokens alike. */
    static HeadStatistics uniform(List<Batch> batches, TokenKind[] kinds) {
        double[] shares = new double[TokenKind.values().length];
        double entropy = 0;
        long queries = 0;
        for (Batch batch : batches) {
            for (int row = 0; row < batch.rows(); row++) {
                int n = batch.lengths()[row];
                entropy += n * Math.log(n);
                queries += n;
                for (int key = 0; key < n; key++) { // n queries give this key 1/n each
                    shares[kinds[batch.inputIds()[row * batch.length() + key]].ordinal()]++;
                }
            }
        }
        for (int kind = 0; kind < shares.length; kind++) {
            shares[kind] /= queries;
        }
        return new HeadStatistics(entropy / queries, shares);
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
