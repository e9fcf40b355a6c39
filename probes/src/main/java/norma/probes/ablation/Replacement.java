package norma.probes.ablation;

import norma.datasets.base.InvalidInputException;

/** What an ablated value becomes. */
public enum Replacement {
    /** 0, as in the paper. */
    ZERO,
    /** The mean over the dimensions that are not ablated: of a vector's other values, of a matrix's in the same row. */
    MEAN;

    /** Edits the values of the marked positions. */
    void apply(AxisValues positions, float[] values, boolean[] marked) {
        switch (this) {
            case ZERO -> positions.zero(values, marked);
            case MEAN -> positions.mean(values, marked);
        }
    }

    static Replacement of(String word) {
        return switch (word) {
            case "zero" -> ZERO;
            case "mean" -> MEAN;
            default -> throw InvalidInputException.of("command line", "--value", word, "zero or mean");
        };
    }
}
