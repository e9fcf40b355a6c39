package norma.trainer.step;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.datasets.batches.Batch;
import norma.trainer.model.BatchLengths;
import norma.trainer.model.LossTerm;

/**
 * How the sums that one step gathers over its micro-batches become means.
 *
 * @param terms the terms of the loss
 * @param predictions predicted positions of all micro-batches
 * @param tokens of all micro-batches, padding not counted
 * @param rows sequences of all micro-batches
 * @param longest lengths of the longest micro-batch
 */
record StepMeans(List<LossTerm> terms, int predictions, int tokens, int rows, BatchLengths longest) {
    static StepMeans of(List<LossTerm> terms, List<Batch> microBatches) {
        return new StepMeans(
                terms,
                microBatches.stream()
                        .mapToInt(batch -> batch.predictedPositions().length)
                        .sum(),
                microBatches.stream().mapToInt(Batch::tokens).sum(),
                microBatches.stream().mapToInt(Batch::rows).sum(),
                BatchLengths.longest(microBatches));
    }

    /** Whether no term has anything to be a mean over. */
    boolean ofNothing() {
        return terms.stream().allMatch(term -> count(term) == 0);
    }

    /** What accumulated gradients are to be divided by: what the first term is a mean over. */
    double divisor() {
        return Math.max(1, count(terms.get(0))) / terms.get(0).weight();
    }

    /** The weight of each term's undivided gradients, so that one division makes means of all of them. */
    List<Double> weights() {
        return terms.stream()
                .map(term -> divisor() * term.weight() / Math.max(1, count(term)))
                .toList();
    }

    /**
     * What the step did; NaN where there is nothing to be a mean over.
     *
     * @param sums of each term, then the norm of the undivided gradients, then the skipped updates
     */
    Learner.Outcome outcome(double[] sums) {
        List<Double> means = new ArrayList<>();
        double loss = 0;
        for (int term = 0; term < terms.size(); term++) {
            int count = count(terms.get(term));
            means.add(count == 0 ? Double.NaN : sums[term] / count);
            loss += count == 0 ? 0 : terms.get(term).weight() * means.get(term);
        }
        return new Learner.Outcome(
                ofNothing() ? Double.NaN : loss,
                means,
                ofNothing() ? Double.NaN : sums[terms.size()] / divisor(),
                predictions,
                (long) sums[terms.size() + 1],
                Arrays.stream(sums, 0, terms.size() + 1).allMatch(Double::isFinite));
    }

    private int count(LossTerm term) {
        return switch (term.unit()) {
            case PREDICTION -> predictions;
            case TOKEN -> tokens;
            case SEQUENCE -> rows;
        };
    }
}
