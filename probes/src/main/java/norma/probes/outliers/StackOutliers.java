package norma.probes.outliers;

import java.util.List;
import norma.probes.dimensions.RuleDescription;
import norma.probes.dimensions.SiteChoice;
import norma.probes.dimensions.StackChoice;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SnapshotLayout;

/**
 * The outliers of one stack of a model that has two.
 *
 * @param stack which
 * @param rule the rule with the sites of that stack that it looked at
 * @param dimensions what it found
 */
public record StackOutliers(StackChoice stack, RuleDescription rule, List<OutlierDimension> dimensions) {
    public StackOutliers {
        dimensions = List.copyOf(dimensions);
    }

    /** One for each stack within a choice, if these are several. */
    static List<StackOutliers> of(OutlierRule rule, float[] snapshot, SnapshotLayout layout, SiteChoice choice) {
        return choice.stack().parts(layout.sites()).stream()
                .map(stack -> {
                    SiteChoice here = choice.in(stack);
                    return new StackOutliers(
                            stack,
                            RuleDescription.of(rule, layout.sites(), here),
                            rule.apply(snapshot, layout, here::contains));
                })
                .toList();
    }

    /** How many sites the rule looked at. */
    public int of() {
        return rule.sites().size();
    }
}
