package norma.trainer.model;

/**
 * A part of the loss that a step minimises: a weighted mean.
 *
 * @param name as in {@code metrics.jsonl}, where its mean is {@code NAME_loss}
 * @param unit what the mean is over
 * @param weight in the sum of all terms
 */
public record LossTerm(String name, Unit unit, double weight) {
    /** What a loss is summed over. */
    public enum Unit {
        /** Predicted positions. */
        PREDICTION,
        /** Tokens, padding not counted. */
        TOKEN,
        /** Sequences. */
        SEQUENCE
    }
}
