package norma.probes.outliers;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.dimensions.RuleDescription;
import norma.probes.dimensions.SiteChoice;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.pretrained.PretrainedModel;

/**
 * The outliers of one model by every definition.
 *
 * @param rule the rule that was applied, and the sites that it looked at
 * @param dimensions what it found
 * @param stacks what it finds in each stack by itself; empty unless it looked at several together
 * @param sites z of weight and bias at the sites looked at, {@code beyond} by the rule's sigma
 * @param findings of the other definitions; those on activations only with text
 * @param traced the dimensions whose origin is looked at: the rule's, or the most extreme one where it finds none
 * @param frequency how they go with token frequency; empty without text
 * @param types token types in the text
 * @param states the hidden states that were looked at; none without text
 */
public record OutlierReport(
        RuleDescription rule,
        List<OutlierDimension> dimensions,
        List<StackOutliers> stacks,
        List<SiteStatistics> sites,
        List<Finding> findings,
        List<Integer> traced,
        List<TokenFrequency.Result> frequency,
        int types,
        HiddenStates states) {
    public OutlierReport {
        dimensions = List.copyOf(dimensions);
        stacks = List.copyOf(stacks);
        sites = List.copyOf(sites);
        findings = List.copyOf(findings);
        traced = List.copyOf(traced);
        frequency = List.copyOf(frequency);
    }

    /**
     * Looks at a model.
     *
     * @param choice the LayerNorms that the rule and the definitions on weights look at
     * @param batches text for the definitions on activations, with nothing masked; empty: those are left out
     */
    public static OutlierReport of(
            PretrainedModel bert, OutlierRule rule, SiteChoice choice, List<Batch> batches, Progress progress) {
        float[] snapshot = bert.layerNorms();
        SnapshotLayout layout = new SnapshotLayout(bert.layerNormSites());
        choice.requireIn(layout.sites());
        int[] counted = layout.indices(choice::contains);
        List<OutlierDimension> dimensions = rule.apply(snapshot, layout, choice::contains);
        List<SiteStatistics> all = SiteStatistics.of(snapshot, layout, rule.sigma());
        List<Finding> findings = new ArrayList<>(WeightDefinitions.of(snapshot, layout, counted));
        List<Integer> traced = dimensions.isEmpty()
                ? new DimensionChoice.MostExtreme(1, choice.stack()).of(snapshot, layout)
                : dimensions.stream().map(OutlierDimension::dimension).toList();
        List<TokenFrequency.Result> correlations = List.of();
        int types = 0;
        HiddenStates states = new HiddenStates(List.of());
        if (!batches.isEmpty()) {
            states = HiddenStates.of(layout.sites(), choice.stack());
            TokenFrequency frequency =
                    new TokenFrequency(traced, states.size(), bert.config().vocabSize());
            findings.addAll(ActivationDefinitions.of(Activations.measure(bert, states, batches, frequency, progress)));
            String words = bert.names().wordEmbeddings();
            int hidden = bert.config().hiddenSize();
            correlations =
                    frequency.correlations(bert.shape(words)[1] == hidden ? bert.parameter(words) : null, hidden);
            types = frequency.types();
        }
        return new OutlierReport(
                RuleDescription.of(rule, layout.sites(), choice),
                dimensions,
                StackOutliers.of(rule, snapshot, layout, choice),
                IntStream.of(counted).mapToObj(all::get).toList(),
                findings,
                traced,
                correlations,
                types,
                states);
    }

    /** How many sites the rule looked at. */
    public int of() {
        return rule.sites().size();
    }

    /** Whether there was text for the definitions on activations. */
    public boolean hasActivations() {
        return types > 0;
    }
}
