package norma.trainer.model;

/** Scores of an evaluation, a sum for each term. */
public final class ScoreSums {
    private final double[] loss;
    private final long[] correct;
    private final long[] count;

    /** Nothing scored yet. */
    public ScoreSums(int terms) {
        loss = new double[terms];
        correct = new long[terms];
        count = new long[terms];
    }

    /** Adds what was found for a term. */
    public void add(int term, Losses.Score score, long predictions) {
        loss[term] += score.loss();
        correct[term] += score.correct();
        count[term] += predictions;
    }

    /** Adds the sums of a model with one term. */
    public void add(int term, ScoreSums other) {
        loss[term] += other.loss[0];
        correct[term] += other.correct[0];
        count[term] += other.count[0];
    }

    /** Mean loss of a term, in nats. */
    public double meanLoss(int term) {
        return loss[term] / count[term];
    }

    /** Share of a term's predictions that are right. */
    public double accuracy(int term) {
        return (double) correct[term] / count[term];
    }

    /** How many predictions of a term were scored. */
    public long count(int term) {
        return count[term];
    }
}
