package norma.probes.ablation;

import norma.datasets.base.InvalidInputException;

/** What an ablated value becomes. */
public enum Replacement {
    /** 0, as in the paper. */
    ZERO,
    /** The mean of the same vector over the dimensions that are not ablated. */
    MEAN;

    /** The value for a vector whose marked dimensions are ablated. */
    float value(float[] vector, boolean[] ablated) {
        if (this == ZERO) {
            return 0;
        }
        double sum = 0;
        int n = 0;
        for (int d = 0; d < vector.length; d++) {
            if (!ablated[d]) {
                sum += vector[d];
                n++;
            }
        }
        return n == 0 ? 0 : (float) (sum / n);
    }

    static Replacement of(String word) {
        return switch (word) {
            case "zero" -> ZERO;
            case "mean" -> MEAN;
            default -> throw InvalidInputException.of("command line", "--value", word, "zero or mean");
        };
    }
}
