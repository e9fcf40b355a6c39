package norma.probes.emergence;

import java.util.List;

/**
 * What a recording covers.
 *
 * @param firstStep first step that could be read
 * @param lastStep last step that could be read: the end of the recording
 * @param steps how many could be read
 * @param every steps from one to the next
 * @param gaps steps that should be there and are not, ascending
 * @param notFinite steps at which some vector holds NaN or infinity: nothing in that vector is beyond the threshold
 */
public record Recorded(
        long firstStep, long lastStep, long steps, int every, List<StepRange> gaps, List<StepRange> notFinite) {
    public Recorded {
        gaps = List.copyOf(gaps);
        notFinite = List.copyOf(notFinite);
    }

    /** Whether a step is the first one that is known after a gap: what was seen there may have begun within the gap. */
    public boolean followsGap(long step) {
        return gaps.stream().anyMatch(gap -> gap.until() == step);
    }

    /** Gaps after a step: whether something lasted through them is not known. */
    public long gapsAfter(long step) {
        return gaps.stream().filter(gap -> gap.first() > step).count();
    }

    /**
     * Steps in a row.
     *
     * @param first of them
     * @param last of them
     * @param until the next step that could be read; −1 if none
     */
    public record StepRange(long first, long last, long until) {}
}
