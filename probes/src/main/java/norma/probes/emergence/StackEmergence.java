package norma.probes.emergence;

import java.util.List;
import norma.probes.dimensions.StackChoice;

/**
 * When dimensions became outliers of one stack of a model that has two.
 *
 * @param stack which
 * @param layers how many it has
 * @param dimensions those that satisfied the rule over its layers at some step, ascending
 * @param counts number of its outlier dimensions: a point where it changes, and the last step
 */
public record StackEmergence(
        StackChoice stack, int layers, List<EmergedDimension> dimensions, List<Emergence.Count> counts) {
    public StackEmergence {
        dimensions = List.copyOf(dimensions);
        counts = List.copyOf(counts);
    }
}
