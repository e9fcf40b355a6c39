package norma.probes.emergence;

import java.util.List;

/**
 * A dimension that satisfied the rule at some step.
 *
 * @param dimension which
 * @param emergenceStep first recorded step from which it satisfies the rule until the end; null if it does not at the
 *     end
 * @param firstStep first recorded step at which it did at all
 * @param crossings how often it began to
 * @param order layer outputs in the order in which weight and bias (or, by the rule, one of them) were beyond for good
 */
public record EmergedDimension(int dimension, Long emergenceStep, long firstStep, int crossings, List<String> order) {
    public EmergedDimension {
        order = List.copyOf(order);
    }
}
