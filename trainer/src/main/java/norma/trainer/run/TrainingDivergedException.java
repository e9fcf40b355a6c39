package norma.trainer.run;

/** A loss, a gradient or a weight is no longer finite. */
public final class TrainingDivergedException extends RunFailedException {
    private static final long serialVersionUID = 1L;

    /** A complete sentence. */
    public TrainingDivergedException(String message) {
        super(message);
    }
}
