package norma.probes.emergence;

import java.util.List;

/**
 * A dimension that satisfied the rule at some step.
 *
 * @param dimension which
 * @param emergenceStep first recorded step from which it satisfies the rule until the end; null if it does not at the
 *     end
 * @param firstStep first recorded step at which it did at all
 * @param crossings how often it began to; doing so at the first recorded step counts
 * @param order layer outputs in the order in which weight and bias (or, by the rule, one of them) were beyond to the
 *     end
 * @param sites when it left the threshold at every site of the model, in the model's order
 * @param rise how it went; null if it did not emerge
 */
public record EmergedDimension(
        int dimension,
        Long emergenceStep,
        long firstStep,
        int crossings,
        List<String> order,
        List<SiteSteps> sites,
        Rise rise) {
    public EmergedDimension {
        order = List.copyOf(order);
        sites = List.copyOf(sites);
    }

    /**
     * When the dimension lay beyond the threshold at one site. Steps that do not exist are null, as are those of a
     * vector that the site lacks.
     *
     * @param site the site's name
     * @param weightFirst first step at which its weight did
     * @param weightStep first step from which its weight did until the end
     * @param biasFirst first step at which its bias did
     * @param biasStep first step from which its bias did until the end
     */
    public record SiteSteps(String site, Long weightFirst, Long weightStep, Long biasFirst, Long biasStep) {}

    /**
     * From the first sign to the emergence.
     *
     * <p>The onset is where the unbroken row of recorded steps begins that reaches the emergence step and at each of
     * which weight or bias lies beyond the threshold in at least one layer's output. Speed is (m(emergence) − m(onset))
     * / (emergence − onset) × 1,000, in standard deviations in 1,000 steps; m is the mean of |z| over those layers'
     * outputs that meet the rule's condition at the emergence step.
     *
     * @param onsetStep the onset
     * @param layers in how many layers' outputs the condition is met at the emergence step
     * @param weightZ m of the weights at the emergence step; NaN where none of those layers has one
     * @param biasZ m of the biases there; NaN in the same case
     * @param weightSpeed of the weights; NaN where onset and emergence are one step, or there is no weight
     * @param biasSpeed of the biases; NaN in the same cases
     * @param followsGap whether the emergence step is the first after a gap, in which it may really lie
     */
    public record Rise(
            long onsetStep,
            int layers,
            double weightZ,
            double biasZ,
            double weightSpeed,
            double biasSpeed,
            boolean followsGap) {}
}
