package norma.trainer.model;

/**
 * What becomes of a softmax's probabilities: clip((zeta - gamma) p + gamma, 0, 1), the clipped softmax of Bondarenko,
 * Nagel and Blankevoort 2023 ("Quantizable Transformers", section 4.1). It can be 0 and 1 exactly, at finite scores.
 *
 * @param gamma at most 0; what becomes of a probability of 0 before it is clipped
 * @param zeta at least 1; what becomes of a probability of 1 before it is clipped
 */
public record SoftmaxStretch(double gamma, double zeta) {
    /** The softmax as it is. */
    public static final SoftmaxStretch NONE = new SoftmaxStretch(0, 1);

    /** Whether probabilities stay what they are. */
    public boolean isNone() {
        return equals(NONE);
    }
}
