package norma.cli.fuzz;

/** What came of reading a damaged file. */
enum Outcome {
    /** It reads as the whole one does. */
    SAME("accepted, same"),
    /** It reads, as something else. */
    DIFFERENT("accepted, different"),
    /** One sentence for the user that names the file. */
    REFUSED("refused"),
    /** Any other exception or error. */
    INTERNAL_ERROR("internal error"),
    /** No answer in time. */
    HANG("hang");

    private final String label;

    Outcome(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    boolean isFailure() {
        return this == INTERNAL_ERROR || this == HANG;
    }
}
