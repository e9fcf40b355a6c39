package norma.datasets.pretraining;

import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.MaskedLm;
import norma.datasets.tokens.TokenSplit;

/**
 * How often the tokens occur that may have to be predicted, in a training split, and what follows for held-out ones.
 */
final class TokenFrequencies {
    private final long[] counts;
    private final int ordinary;
    private final double total;

    /**
     * Of counts.
     *
     * @param counts by token id; -1 for one that is never predicted
     */
    TokenFrequencies(long[] counts) {
        this.counts = counts.clone();
        ordinary = (int)
                IntStream.range(0, counts.length).filter(id -> counts[id] >= 0).count();
        long sum = ordinary; // one more of each
        for (long count : counts) {
            sum += Math.max(0, count);
        }
        total = sum;
    }

    /**
     * Counts the tokens of a split.
     *
     * @param vocabulary its ids are below
     * @param predicted which of them may have to be predicted
     */
    static TokenFrequencies of(TokenSplit split, int vocabulary, IntPredicate predicted) {
        long[] counts = split.counts(vocabulary);
        for (int id = 0; id < vocabulary; id++) {
            counts[id] = predicted.test(id) ? counts[id] : -1;
        }
        return new TokenFrequencies(counts);
    }

    /**
     * With more of some tokens.
     *
     * @param ids of them, each as often as it is listed
     * @param times how often all of them occur
     */
    TokenFrequencies with(int[] ids, long times) {
        long[] more = counts.clone();
        for (int id : ids) {
            more[id] = Math.max(0, more[id]) + times;
        }
        return new TokenFrequencies(more);
    }

    /**
     * Losses of the predictions of batches.
     *
     * @param maskId the token that hides others; -1 if nothing is masked
     */
    ContextFreeLosses losses(Iterable<Batch> batches, int maskId) {
        double unigram = 0;
        double contextFree = 0;
        long[] seen = new long[counts.length];
        long predictions = 0;
        for (Batch batch : batches) {
            for (int i = 0; i < batch.predictedLabels().length; i++) {
                int label = batch.predictedLabels()[i];
                unigram -= Math.log(share(label));
                if (maskId >= 0) {
                    int shown = batch.inputIds()[batch.predictedPositions()[i]];
                    contextFree -= Math.log(
                            shown == maskId
                                    ? share(label)
                                    : MaskedLm.withoutContext(share(label), share(shown), shown == label, ordinary));
                }
                seen[label]++;
                predictions++;
            }
        }
        return new ContextFreeLosses(
                unigram / predictions, entropy(seen, predictions), maskId < 0 ? Double.NaN : contextFree / predictions);
    }

    private double share(int id) {
        return (counts[id] + 1) / total;
    }

    private static double entropy(long[] counts, long total) {
        double entropy = 0;
        for (long count : counts) {
            double share = (double) count / total;
            entropy -= count == 0 ? 0 : share * Math.log(share);
        }
        return entropy;
    }
}
