package norma.probes.ablation;

import java.util.List;
import java.util.TreeSet;
import norma.datasets.base.InvalidInputException;

/**
 * Dimensions that are switched off.
 *
 * @param dimensions positions of the hidden vector, ascending
 * @param place which values of them
 */
public record Ablation(List<Integer> dimensions, AblationPlace place) {
    public Ablation {
        dimensions = List.copyOf(new TreeSet<>(dimensions));
    }

    /** Refuses dimensions that a model of this width lacks. */
    void requireWithin(int hiddenSize) {
        for (int dimension : dimensions) {
            if (dimension < 0 || dimension >= hiddenSize) {
                throw InvalidInputException.of(
                        "command line", "--dims", dimension, "dimensions from 0 to " + (hiddenSize - 1));
            }
        }
    }
}
