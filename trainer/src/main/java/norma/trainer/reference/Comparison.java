package norma.trainer.reference;

/**
 * Something computed here beside the same of another implementation or device.
 *
 * @param what is compared, and how the difference is taken
 * @param difference the largest one
 * @param tolerance how large it may be
 */
public record Comparison(String what, double difference, double tolerance) {
    /** Whether the difference is within the tolerance; NaN is not. */
    public boolean passes() {
        return difference <= tolerance;
    }
}
