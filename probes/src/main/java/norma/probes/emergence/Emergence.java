package norma.probes.emergence;

import java.util.List;
import norma.probes.dimensions.RuleDescription;
import norma.probes.dimensions.SiteChoice;
import norma.probes.dimensions.StackChoice;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.model.LayerNormSite;

/**
 * What a recording says about when outliers emerge.
 *
 * <p>Steps that were not recorded, or whose files are gone, are left out of every judgement and listed as gaps: "for
 * good" means at every step that could be read up to the last such step. A vector that holds NaN or infinity has
 * nothing beyond the threshold, and where training ended in NaN, nothing has emerged.
 *
 * @param rule what an outlier is
 * @param stack whose layers count
 * @param hidden width of the widest layer's output
 * @param firstStep the first that could be read
 * @param lastStep the last that could be read
 * @param every steps from one recorded step to the next
 * @param dimensions those that satisfied the rule at some step, ascending
 * @param stacks the same for each stack by itself; empty unless several count
 * @param departures dimensions beyond the threshold to the end at single sites, by site and dimension
 * @param counts number of outlier dimensions: a point where it changes, and the last step
 * @param gaps steps that were not recorded or whose files are gone, as spans
 * @param notFinite steps at which some vector holds NaN or infinity, as spans
 * @param sites the recording's sites
 */
public record Emergence(
        OutlierRule rule,
        StackChoice stack,
        int hidden,
        long firstStep,
        long lastStep,
        int every,
        List<EmergedDimension> dimensions,
        List<StackEmergence> stacks,
        List<Departure> departures,
        List<Count> counts,
        List<Gap> gaps,
        List<NotFinite> notFinite,
        List<LayerNormSite> sites) {
    public Emergence {
        dimensions = List.copyOf(dimensions);
        stacks = List.copyOf(stacks);
        departures = List.copyOf(departures);
        counts = List.copyOf(counts);
        gaps = List.copyOf(gaps);
        notFinite = List.copyOf(notFinite);
        sites = List.copyOf(sites);
    }

    /** Names of the recording's sites. */
    public List<String> siteNames() {
        return sites.stream().map(LayerNormSite::name).toList();
    }

    /** The rule with the sites that it looked at. */
    public RuleDescription ruleDescription() {
        return RuleDescription.of(rule, sites, SiteChoice.PAPER.in(stack));
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

    /**
     * Recorded steps at which some vector holds NaN or infinity.
     *
     * @param from the first
     * @param to the last
     */
    public record NotFinite(long from, long to) {}
}
