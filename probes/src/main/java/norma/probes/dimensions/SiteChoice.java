package norma.probes.dimensions;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.model.LayerNormSite;

/**
 * Which sites of a model are looked at or edited.
 *
 * @param kinds of these kinds
 * @param stack in this stack
 */
public record SiteChoice(Set<SiteKind> kinds, StackChoice stack) {
    /** The output component of every layer: the paper's. */
    public static final SiteChoice PAPER = new SiteChoice(EnumSet.of(SiteKind.OUTPUT), StackChoice.ALL);

    public SiteChoice {
        kinds = Set.copyOf(kinds);
    }

    /** Whether a site is among them. */
    public boolean contains(LayerNormSite site) {
        return stack.contains(site) && kinds.stream().anyMatch(kind -> kind.contains(site));
    }

    /** The same kinds in another stack. */
    public SiteChoice in(StackChoice other) {
        return new SiteChoice(kinds, other);
    }

    /**
     * Refuses a model without the stack, or without any such site.
     *
     * @throws InvalidInputException if it lacks them
     */
    public void requireIn(List<LayerNormSite> model) {
        stack.requireIn(model);
        if (model.stream().noneMatch(this::contains)) {
            String there = Stream.of(SiteKind.values())
                    .filter(kind -> model.stream().anyMatch(site -> stack.contains(site) && kind.contains(site)))
                    .map(SiteKind::label)
                    .collect(Collectors.joining(", "));
            throw InvalidInputException.setting("sites", label(), "a kind that this model has: " + there + " or all");
        }
    }

    /** The kinds as people and files have them. */
    public String label() {
        return kinds.size() == SiteKind.values().length
                ? "all"
                : Stream.of(SiteKind.values())
                        .filter(kinds::contains)
                        .map(SiteKind::label)
                        .collect(Collectors.joining(","));
    }
}
