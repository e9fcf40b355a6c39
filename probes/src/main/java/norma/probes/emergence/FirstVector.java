package norma.probes.emergence;

/** Which of a site's two vectors left the threshold for good first, in one dimension. */
public enum FirstVector {
    WEIGHT,
    BIAS,
    /** At the same recorded step. */
    TOGETHER,
    /** The bias never did. */
    WEIGHT_ONLY,
    /** The weight never did. */
    BIAS_ONLY,
    NEITHER;

    /** Compares the lasting steps. */
    public static FirstVector of(Passage weight, Passage bias) {
        if (weight.lasts() && bias.lasts()) {
            int order = Long.compare(weight.lastingStep(), bias.lastingStep());
            return order < 0 ? WEIGHT : order > 0 ? BIAS : TOGETHER;
        }
        return weight.lasts() ? WEIGHT_ONLY : bias.lasts() ? BIAS_ONLY : NEITHER;
    }
}
