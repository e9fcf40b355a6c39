package norma.probes.dimensions;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import norma.datasets.base.Counted;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.model.LayerNormSite;

/**
 * A rule as results name it.
 *
 * @param rule the rule that was applied
 * @param sites the sites that it looked at
 * @param stack which stack these are of; null in a model with one stack
 */
public record RuleDescription(OutlierRule rule, List<LayerNormSite> sites, StackChoice stack) {
    public RuleDescription {
        sites = List.copyOf(sites);
    }

    /** Of a rule that is applied to some of a model's sites. */
    public static RuleDescription of(OutlierRule rule, List<LayerNormSite> model, SiteChoice choice) {
        return new RuleDescription(
                rule,
                model.stream().filter(choice::contains).toList(),
                StackChoice.several(model) ? choice.stack() : null);
    }

    /** One sentence without its end. */
    public String sentence() {
        return String.format(
                Locale.ROOT,
                "weight %s bias more than %s standard deviations from their vector's mean, in more than %s of %s%s",
                combination(),
                rule.sigma(),
                rule.fraction(),
                Counted.of(sites.size(), "site"),
                stack == null ? "" : stack == StackChoice.ALL ? " of both stacks" : " of the " + stack.label());
    }

    /** Which vector the rule looked at where a site has one only; empty where all have both. */
    public Optional<String> ofOneVector() {
        List<String> clauses = new ArrayList<>();
        for (Part part : Part.values()) {
            List<String> without = sites.stream()
                    .filter(site -> part.of(site) == null)
                    .map(LayerNormSite::name)
                    .toList();
            if (!without.isEmpty()) {
                String who = without.size() == sites.size()
                        ? "the sites have"
                        : String.join(", ", without) + (without.size() == 1 ? " has" : " have");
                clauses.add(who + " no " + part.label());
            }
        }
        return clauses.isEmpty()
                ? Optional.empty()
                : Optional.of(clauses.stream().collect(Collectors.joining(", "))
                        + ": there the rule looks at the other vector alone");
    }

    /**
     * {@code sigma}, {@code fraction}, {@code combination}; {@code stack} in a model of two; {@code note} where a site
     * has one vector only.
     */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("sigma", rule.sigma());
        json.put("fraction", rule.fraction());
        json.put("combination", combination());
        if (stack != null) {
            json.put("stack", stack.label());
        }
        ofOneVector().ifPresent(words -> json.put("note", words));
        return json;
    }

    private String combination() {
        return rule.combination().name().toLowerCase(Locale.ROOT);
    }
}
