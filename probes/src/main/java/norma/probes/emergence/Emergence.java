package norma.probes.emergence;

import java.util.List;
import norma.trainer.layernorm.OutlierRule;

/**
 * What a recording says about when outliers emerge.
 *
 * @param rule what an outlier is
 * @param hidden width H
 * @param firstStep of the recording
 * @param lastStep of the recording
 * @param every steps from one recorded step to the next
 * @param dimensions those that satisfied the rule at some step, ascending
 * @param departures dimensions beyond the threshold for good at single sites, by site and dimension
 * @param counts number of outlier dimensions: a point where it changes, and the last step
 * @param gaps steps that were not recorded, as spans
 * @param siteNames the recording's sites
 */
public record Emergence(
        OutlierRule rule,
        int hidden,
        long firstStep,
        long lastStep,
        int every,
        List<EmergedDimension> dimensions,
        List<Departure> departures,
        List<Count> counts,
        List<Gap> gaps,
        List<String> siteNames) {
    public Emergence {
        dimensions = List.copyOf(dimensions);
        departures = List.copyOf(departures);
        counts = List.copyOf(counts);
        gaps = List.copyOf(gaps);
        siteNames = List.copyOf(siteNames);
    }

    /**
     * Outliers from a step on.
     *
     * @param step the step
     * @param count dimensions that satisfy the rule
     */
    public record Count(long step, int count) {}

    /**
     * Steps that are missing in a recording.
     *
     * @param from the first
     * @param to the last
     */
    public record Gap(long from, long to) {}
}
