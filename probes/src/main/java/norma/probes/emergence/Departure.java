package norma.probes.emergence;

/**
 * A dimension that is beyond the threshold to the end of the recording at one site, in weight, in bias or in both.
 *
 * @param site the site's name
 * @param dimension which
 * @param weightStep from which its weight is beyond to the end, or null
 * @param biasStep from which its bias is, or null
 * @param weightFirst first step at which its weight was beyond at all, or null
 * @param biasFirst the same of its bias
 * @param weightZ z of its weight at the last step; null where the site has no weight
 * @param biasZ the same of its bias
 * @param weightSpeed (|z| of the weight at the last step - sigma) per 1,000 steps since it stays beyond; NaN if it is
 *     not, or since the last step only
 * @param biasSpeed the same of the bias
 */
public record Departure(
        String site,
        int dimension,
        Long weightStep,
        Long biasStep,
        Long weightFirst,
        Long biasFirst,
        Double weightZ,
        Double biasZ,
        double weightSpeed,
        double biasSpeed) {

    /** The larger |z| of the two. */
    public double extremity() {
        return Math.max(weightZ == null ? 0 : Math.abs(weightZ), biasZ == null ? 0 : Math.abs(biasZ));
    }

    /**
     * {@code weight}, {@code bias} or {@code both}: which of them is beyond to the end first; of one that is not, the
     * other.
     */
    public String first() {
        if (biasStep == null || (weightStep != null && weightStep < biasStep)) {
            return "weight";
        }
        return weightStep == null || biasStep < weightStep ? "bias" : "both";
    }
}
