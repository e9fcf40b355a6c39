package norma.probes.emergence;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import norma.trainer.layernorm.LayerNormSite;

/**
 * A dimension that satisfied the rule at some step.
 *
 * @param dimension its position
 * @param passage of the whole rule: its {@code lastingStep} is the emergence step
 * @param sites of every site of the model, in its order
 * @param rise how it went, if it emerged
 */
public record DimensionEmergence(int dimension, Passage passage, List<SitePassage> sites, Optional<Rise> rise) {
    public DimensionEmergence {
        sites = List.copyOf(sites);
    }

    /** The layers' outputs where weight and bias lie beyond (as the rule joins them) at the end, earliest first. */
    public List<SitePassage> layerOrder() {
        return sites.stream()
                .filter(s -> s.site().isLayerOutput() && s.joined().lasts())
                .sorted(Comparator.comparingLong(s -> s.joined().lastingStep()))
                .toList();
    }

    /**
     * One dimension in one site.
     *
     * @param site which
     * @param weight of its weight alone
     * @param bias of its bias alone
     * @param joined of the rule's condition within this site: both, or either
     */
    public record SitePassage(LayerNormSite site, Passage weight, Passage bias, Passage joined) {
        /** Which of the two went first. */
        public FirstVector first() {
            return FirstVector.of(weight, bias);
        }
    }

    /**
     * From the first sign to the emergence.
     *
     * <p>The onset is the first recorded step of the unbroken row of steps up to the emergence at which the dimension's
     * weight or bias lies beyond the threshold in at least one layer's output. Speed is (m(emergence) − m(onset)) /
     * (emergence − onset) × 1,000, where m is the mean of |z| over the layers' outputs that meet the rule's condition
     * at the emergence step: standard deviations in 1,000 steps.
     *
     * @param onsetStep the onset
     * @param weightZ m of the weights at the emergence step
     * @param biasZ m of the biases there
     * @param weightSpeed of the weights; NaN when onset and emergence fall on the same step
     * @param biasSpeed of the biases; likewise
     * @param layers how many layers' outputs meet the condition at the emergence step
     */
    public record Rise(
            long onsetStep, double weightZ, double biasZ, double weightSpeed, double biasSpeed, int layers) {}
}
