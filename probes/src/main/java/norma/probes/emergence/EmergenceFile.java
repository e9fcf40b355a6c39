package norma.probes.emergence;

import java.util.List;
import java.util.Optional;
import norma.probes.dimensions.AppliedRule;

/**
 * What {@code norma emergence} found in a run, as {@link EmergenceJson#read} reads it.
 *
 * @param command that was typed; empty where it was not noted
 * @param run as it was named
 * @param rule that was applied
 * @param firstStep the first that could be read
 * @param lastStep the last that could be read
 * @param every steps from one recorded step to the next
 * @param plateau when the loss was where prediction without context is; empty where that was not measured
 * @param dimensions those that satisfied the rule at some step, ascending
 * @param stacks the same for each stack of a model of two; else empty
 * @param departures dimensions beyond the threshold to the end at single sites
 * @param counts number of outlier dimensions: a point where it changes, and the last step
 * @param gaps steps that were not recorded
 * @param notFinite steps at which some vector holds NaN or infinity
 */
public record EmergenceFile(
        Optional<String> command,
        String run,
        AppliedRule rule,
        long firstStep,
        long lastStep,
        int every,
        Optional<Plateau> plateau,
        List<EmergedDimension> dimensions,
        List<Stack> stacks,
        List<Departure> departures,
        List<Emergence.Count> counts,
        List<Emergence.Gap> gaps,
        List<Emergence.NotFinite> notFinite) {
    public EmergenceFile {
        dimensions = List.copyOf(dimensions);
        stacks = List.copyOf(stacks);
        departures = List.copyOf(departures);
        counts = List.copyOf(counts);
        gaps = List.copyOf(gaps);
        notFinite = List.copyOf(notFinite);
    }

    /**
     * What a stack by itself shows.
     *
     * @param stack its label
     * @param layers how many it has
     */
    public record Stack(String stack, int layers, List<EmergedDimension> dimensions, List<Emergence.Count> counts) {
        public Stack {
            dimensions = List.copyOf(dimensions);
            counts = List.copyOf(counts);
        }
    }
}
