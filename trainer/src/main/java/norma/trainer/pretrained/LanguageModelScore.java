package norma.trainer.pretrained;

/**
 * How well masked tokens are predicted.
 *
 * @param lossSum cross-entropy in nats, summed over the predictions
 * @param correct predictions whose most probable token is the original one
 * @param predictions how many positions were predicted
 */
public record LanguageModelScore(double lossSum, long correct, long predictions) {
    /** Of no prediction at all. */
    public static final LanguageModelScore NONE = new LanguageModelScore(0, 0, 0);

    /** The score of both sets of predictions. */
    public LanguageModelScore plus(LanguageModelScore other) {
        return new LanguageModelScore(
                lossSum + other.lossSum, correct + other.correct, predictions + other.predictions);
    }

    /** Mean cross-entropy in nats. */
    public double loss() {
        return lossSum / predictions;
    }

    /** exp of the mean cross-entropy. */
    public double perplexity() {
        return Math.exp(loss());
    }

    /** Share of correct predictions. */
    public double accuracy() {
        return (double) correct / predictions;
    }
}
